"""What a split protects against, read off the split as it is."""

from typing import Literal

from overread.catalog import Catalog
from overread.partition.copies import known_pixels

Grade = Literal["patient-safe", "copy-safe (patients unknown)", "image-only"]

SENTENCES: dict[str, str] = {
    "patient-safe": (
        "Every scored image has a patient, and no patient, study, group or {copy} is on both sides: the score cannot rest on a "
        "patient or a file seen before. It does not speak for other hospitals{altered}."
    ),
    "copy-safe (patients unknown)": (
        "No {copy}, and nothing the table says belongs together, is on both sides: the score cannot rest on a file seen before. "
        "Patients are not known for every image, so one patient may be on both sides, and the score may be better than for new patients{altered}."
    ),
    "image-only": (
        "Scored images may have a copy, or another image of the same patient, among the trained ones: the score may measure memory, "
        "and says little about new patients."
    ),
}
"""What a grade protects against; then, after the first full stop, what it does not."""

SOUGHT = {"copy": "copy (identical, turned, mirrored, rescaled, cropped and the like, as far as pixels tell)", "altered": ""}

UNSOUGHT = {
    "patient-safe": {"copy": "identical image", "altered": ", nor for copies that were altered and filed under another patient"},
    "copy-safe (patients unknown)": {"copy": "identical image", "altered": "; copies that were altered were not sought"},
    "image-only": {},
}
"""The words for copies, where near-copies were sought and kept together, and where not."""

HELD_OUT = "Each site is scored by a model that learnt at the others (a patient seen at several counts to one of them)."


def grade(catalog: Catalog) -> Grade:
    """The grade of a split catalog's test part.

    `patient-safe` and `copy-safe` need every image read, and no component on both sides. `patient-safe` also needs the patient of
    every scored image, and of every trained one of the same source: an unknown patient could be any of them.
    """
    rows = catalog.frame[catalog.frame["split"] != ""]
    scored, trained = rows[rows["split"] == "test"], rows[rows["split"] != "test"]
    read = (known_pixels(rows) != "").all()
    apart = not scored["component"].isin(trained["component"]).any()
    if not (read and apart):
        return "image-only"
    asked = rows[(rows["split"] == "test") | rows["source"].isin(scored["source"])]
    return "patient-safe" if (asked["patient"] != "").all() else "copy-safe (patients unknown)"


def grade_sentence(grade: str, near_copies: bool = False) -> str:
    """What a grade protects against and what it does not, for the owner of the data; `near_copies` where they were sought and joined."""
    return SENTENCES[grade].format(**(SOUGHT if near_copies else UNSOUGHT[grade]))


def protection(grade: str, by_site: bool = False, near_copies: bool = False) -> tuple[str, str]:
    """The same in two halves: what it protects against, and what it does not; `by_site` where sites were held out one at a time."""
    first, more, second = grade_sentence(grade, near_copies).partition(". ")
    against, beyond = (f"{first}.", second) if more else ("No row stands on two sides.", first)
    return (f"{against} {HELD_OUT}", beyond.replace("other hospitals", "hospitals unlike these")) if by_site else (against, beyond)
