from overread.cli.app import verb
from overread.cli.words import Out, Settings, Source
from overread.errors import UserError
from overread.experiment.result import Result


@verb
def prepare(source: Source, out: Out, settings: Settings = None) -> Result:
    """Write a source's images fitted, with their catalog.

    For use elsewhere:     OUT gets images/<row>.png (8 bit), catalog.csv, catalog.parquet and rejected.csv.
    Only the recipe keys of `image` apply, e.g. --set image.size=320.
    """
    from overread.recipe import load

    chosen = load("default", settings or [])
    for setting in settings or []:
        if not setting.startswith("image."):
            raise UserError(f"{setting!r} does nothing here", "--set", "only keys of image apply, e.g. --set image.size=320")
    from overread.experiment.prepare import prepare

    return prepare(source, out, chosen.image)
