from overread.cli.app import verb
from overread.cli.words import Out, Settings, Source
from overread.experiment.result import Result


@verb
def prepare(source: Source, out: Out, settings: Settings = None) -> Result:
    """Write a source's images fitted, with their catalog.

    For use elsewhere:     OUT gets images/<row>.png (8 bit), catalog.csv, catalog.parquet and rejected.csv.
    Only the recipe keys of `image` apply, e.g. --set image.size=320.
    """
    from overread.experiment.prepare import prepare
    from overread.recipe import load

    return prepare(source, out, load("default", settings or []).image)
