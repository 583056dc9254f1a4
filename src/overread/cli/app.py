"""What all verbs share: --json, --fail-on, progress, words and exit codes.

Exit 0 done; 2 the user can mend it (one line, no traceback); 3 done, but a finding at or above `--fail-on` exists; 1 a bug.
"""

import errno
import inspect
import json
import re
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from overread import __version__
from overread.errors import UserError
from overread.findings import Finding, Severity
from overread.progress import shown

if TYPE_CHECKING:
    from overread.experiment.result import Result

Given = ParamSpec("Given")

DISCLAIMER = "Research use only, not a medical device."

app = typer.Typer(
    name="overread",
    help=f"Turns a folder of medical images into a classifier whose number can be believed. {DISCLAIMER}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document {verb, ok, result, findings, error} on stdout and nothing else.")]
FailOn = Annotated[Severity | None, typer.Option("--fail-on", help="Exit with 3 if a finding of this severity or above exists.")]


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and exit.")]


@app.callback()
def overread(version: Version = False) -> None:
    """What may stand before a verb; `--version` answers by itself."""


class Refused(Exception):
    """A verb that was answered already; carries the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def verb(function: "Callable[Given, Result]") -> "Callable[Given, None]":
    """Decorator that enters a function as a verb, with the options every verb has."""

    @app.command(name=function.__name__.strip("_").replace("_", "-"), help=inspect.getdoc(function))
    @wraps(function)
    def run(*args: Given.args, **given: Given.kwargs) -> None:
        as_json, fail_on = bool(given.pop("as_json")), given.pop("fail_on")
        with shown():
            result = function(*args, **given)
        findings = [finding.to_dict() for finding in result.findings]
        if as_json:
            _print_json(verb=function.__name__.strip("_"), ok=True, result=result.content, findings=findings, error=None)
        else:
            for line in [*_raised(result.findings), *result.words]:
                typer.echo(line)
        if isinstance(fail_on, Severity) and any(f.passed is False and f.severity.reaches(fail_on) for f in result.findings):
            raise Refused(3)

    signature = inspect.signature(function)
    shared = [
        inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonFlag),
        inspect.Parameter("fail_on", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=FailOn),
    ]
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *shared], return_annotation=None)  # type: ignore[attr-defined]
    run.__annotations__ = {name: parameter.annotation for name, parameter in run.__signature__.parameters.items()}  # type: ignore[attr-defined]
    return run


def _raised(findings: "list[Finding]") -> list[str]:
    """A line a finding that raised something, the gravest first."""
    order = list(Severity)
    raised = sorted((finding for finding in findings if finding.passed is False), key=lambda finding: -order.index(finding.severity))
    return [f"{finding.severity}: {finding.sentence}" for finding in raised]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(answer(list(sys.argv[1:] if arguments is None else arguments)))


def answer(arguments: list[str]) -> int:
    """Run one command line; returns its exit code."""
    try:
        code = app(arguments or ["--help"], standalone_mode=False)
    except Refused as refused:
        return refused.code
    except typer.Abort:
        code = INTERRUPTED
    except UserError as fault:
        return _refuse(arguments, fault)
    except _usage_errors() as fault:
        where = f"overread {_verb(arguments)}".strip()
        return _refuse(arguments, UserError(fault.format_message().rstrip("."), where, f"see {where} --help"))  # type: ignore[attr-defined]
    except OSError as fault:
        if fault.errno not in OUTSIDE:
            return _confess(arguments, fault)
        place = PART.sub(r"\1", str(fault.filename or "the output"))
        return _refuse(arguments, UserError(OUTSIDE[fault.errno], place, "mend that, or choose another place"))
    except Exception as fault:  # noqa: BLE001  (the one boundary: whatever else arrives here is a bug of ours, said as one)
        return _confess(arguments, fault)
    if code == INTERRUPTED:
        return _refuse(arguments, UserError("interrupted", f"overread {_verb(arguments)}".strip(), _again(arguments)), code)
    return int(code or 0)


INTERRUPTED = 130
"""What typer returns after Ctrl-C, and after SIGTERM, which a cluster sends to what must leave its machine."""


def _again(arguments: list[str]) -> str:
    """How to get, after an interruption, what was asked for."""
    if _verb(arguments) in {"train", "benchmark"}:
        return "go on where it stopped with the same command and --resume"
    return "start it again; a new folder that it began must be deleted first"


OUTSIDE = {
    errno.ENOSPC: "no disk space is left",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file grew over the limit set for files",
    errno.EROFS: "the output is on a read-only file system",
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
    errno.EEXIST: "a file stands where a folder is needed",
    errno.ENOENT: "there is no such file or folder",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "a link leads back to itself",
    errno.EMFILE: "too many files are open",
    errno.EIO: "the disk cannot be read or written",
}
"""What the operating system refuses and the user can mend."""

PART = re.compile(r"\.([^/\\]+)\.\d+\.part$")
"""The name under which a file is written before it is moved to its own."""


def _usage_errors() -> type[Exception]:
    """click's base error, from the copy of click that this typer uses."""
    return next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def _refuse(arguments: list[str], fault: UserError, code: int = 2) -> int:
    """One line to stderr, or the JSON document to stdout."""
    error = {"what": fault.what, "where": fault.where, "mend": fault.mend}
    if "--json" in arguments:
        try:
            _print_json(verb=_verb(arguments), ok=False, result=None, findings=[], error=error)
            return code
        except OSError:  # stdout is what cannot be written
            pass
    typer.echo(f"overread: {' '.join(str(fault).split())}", err=True)
    return code


def _confess(arguments: list[str], fault: Exception) -> int:
    """A bug of ours: the traceback to stderr, with --json also a document that says so."""
    traceback.print_exception(fault)
    if "--json" in arguments:
        error = {"what": f"{type(fault).__name__}: {fault}", "where": "overread", "mend": "this is a bug: please report the traceback on stderr"}
        _print_json(verb=_verb(arguments), ok=False, result=None, findings=[], error=error)
    return 1


def _verb(arguments: list[str]) -> str:
    return next((word for word in arguments if not word.startswith("-")), "")


def _print_json(**document: Any) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False, default=str))
