"""The run folder: everything a run knew and made, complete and portable; written so that a kill at any moment leaves a run that can go on."""

from overread.run.environment import environment as environment
from overread.run.files import sha256 as sha256
from overread.run.files import whole as whole
from overread.run.files import write_json as write_json
from overread.run.files import write_text as write_text
from overread.run.folder import Run as Run
from overread.run.workspace import Workspace as Workspace
