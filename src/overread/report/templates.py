"""The templates of every page, with the words and drawings they may use."""

from datetime import datetime

from jinja2 import ChainableUndefined, Environment, PackageLoader

from overread.evaluation.intervals import FEWEST
from overread.report import measures, pictures, results, show
from overread.report.data import alike


def templates() -> Environment:
    """Templates that escape everything; an absent key is blank."""
    environment = Environment(
        loader=PackageLoader("overread.report", "pages"), autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(show.FILTERS, part=results.part, figures=results.figures, alike=alike)
    environment.globals.update(measure=measures.measure, grouped=measures.grouped, strip=pictures.strip)
    environment.globals.update(
        fewest=FEWEST, figures=results.figures, usual=results.usual, reasons=results.reasons, part=results.part, NO_INTERVAL=show.NO_INTERVAL
    )
    return environment


def day(time: str | None) -> str:
    """A moment, as ISO writes it, as "2 March 2026"; blank where it is not known."""
    if not time:
        return ""
    moment = datetime.fromisoformat(time)
    return f"{moment.day} {moment:%B %Y}"
