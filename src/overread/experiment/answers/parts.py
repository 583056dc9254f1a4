"""What part of the body an image says it shows, beside the part that a router chose: compared, and neither preferred."""

from dataclasses import dataclass

import pandas as pd

from overread.catalog import Catalog
from overread.datasets.dicom.headers import body_parts
from overread.learners.base import Model
from overread.report.show import counted, listed


@dataclass(frozen=True)
class Parts:
    """How the two agree.

    Attributes
    ----------
    known : (n,) what each image says of itself; blank where it says nothing
    differ : (n,) bool, it says another part than the router chose
    strange : what images say and the model has no class for, in their words
    """

    known: pd.Series
    differ: pd.Series
    strange: list[str]

    @property
    def words(self) -> list[str]:
        """A sentence; none where no image says its part."""
        said, apart = int((self.known != "").sum()), int(self.differ.sum())
        if not said:
            return []
        sentence = f"{said:,} of {counted(len(self.known), 'image')} name their part; {apart:,} another than the router chose"
        unknown = f"; not a part that the model knows: {listed(self.strange)}" if self.strange else ""
        return [f"{sentence}{unknown}. The router's choice stands."]

    def to_dict(self) -> dict[str, int | list[str]]:
        return {"known": int((self.known != "").sum()), "differ": int(self.differ.sum()), "strange": self.strange}


def beside_route(predictions: pd.DataFrame, catalog: Catalog, model: Model) -> Parts:
    """Compare `route` with BodyPartExamined (or the anatomic region) of the DICOM files among these images.

    Capitals, blanks and signs do not count: ``Forearm`` is ``FOREARM``.

    Parameters
    ----------
    predictions : with `route`, in the catalog's order
    """
    routes = predictions["route"].reset_index(drop=True)
    known = pd.Series(body_parts(catalog.frame["file"]), dtype="str")
    parts = next(target.classes for target in model.targets.values() if set(routes) <= set(target.classes))
    said = known.map(_letters)
    strange = known[(said != "") & ~said.isin([_letters(part) for part in parts])]
    return Parts(known, (said != "") & (said != routes.map(_letters)), sorted(strange.unique()))


def _letters(part: str) -> str:
    return "".join(letter for letter in part.casefold() if letter.isalpha())
