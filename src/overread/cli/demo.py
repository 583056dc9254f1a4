from pathlib import Path

from overread.cli.app import verb
from overread.cli.words import Out, Settings
from overread.experiment.result import Result


@verb
def demo(out: Out = Path("demo"), settings: Settings = None) -> Result:
    """Train on made-up radiographs: the whole path in minutes.

    Writes OUT/films (the images and their table) and OUT/run (the run folder with its report). The images hold planted copies and
    broken files, so that the report shows what is done about them.
    """
    from overread.experiment.demo import demo

    return demo(out, settings or [])
