"""Rows that share pixels are one image: it counts once, and not at all where its labels contradict each other."""

import numpy as np
import pandas as pd

from overread.catalog import Catalog
from overread.findings import Effect, Finding, Severity


def mark_copies(catalog: Catalog, side: pd.Series | None = None, kept: pd.Series | None = None) -> tuple[Catalog, list[Finding]]:
    """Fill `copy_of` and `why` of the rows that do not count because of their pixels.

    Near-copies with two labels stay in: a crop need not show what the whole film shows. The audit reports them.

    Parameters
    ----------
    catalog : with `pixel_sha` (where it is blank, `bytes_sha`)
    side : (n,) str, the part each row is bound to by a published split; a copy then counts once on each side
    kept : (n,) bool, rows whose labels are settled: they are put aside for a conflict among themselves alone

    Returns
    -------
    Catalog
        `copy_of` names the row that counts in a copy's place: that with most labels, and of several the first by these labels, whatever the
        order of rows. Rows whose pixels carry two labels for one target have a `why` and no `copy_of`: all of them are to be put aside.
    list of Finding
        Rows that repeat another's pixels, and pixels with conflicting labels.
    """
    frame = catalog.frame.assign(copy_of="", why="")
    pixels = known_pixels(frame)
    seen = frame[pixels != ""]
    conflict = _conflicts(seen, pixels, list(catalog.targets))
    if kept is not None:
        settled = seen[kept[seen.index]]
        conflict = conflict.where(~kept[seen.index], _conflicts(settled, pixels, list(catalog.targets)).reindex(seen.index, fill_value=""))
    frame["why"] = conflict.reindex(frame.index, fill_value="")

    counted = seen[conflict == ""]
    codes = [target.encode(counted[name]) for name, target in reversed(catalog.targets.items())]
    unknown = sum((code < 0 for code in codes), np.zeros(len(counted), dtype=int))
    labelled_first = counted.iloc[np.lexsort([*codes, unknown])]
    keys = [pixels[labelled_first.index]] + ([side[labelled_first.index]] if side is not None else [])
    original = labelled_first.groupby(keys)["row"].transform("first")
    copies = original[original != labelled_first["row"]]
    frame.loc[copies.index, "copy_of"] = copies
    frame.loc[copies.index, "why"] = "copy of row " + copies + ", counted once"
    return catalog.replace(frame), [_repeated(frame, pixels), _conflicting(frame, pixels)]


def known_pixels(frame: pd.DataFrame) -> pd.Series:
    """(n,) str: what identifies a row's pixels; blank where nothing was read."""
    return frame["pixel_sha"].where(frame["pixel_sha"] != "", frame["bytes_sha"])


def _conflicts(seen: pd.DataFrame, pixels: pd.Series, targets: list[str]) -> pd.Series:
    """(n,) str: why a row is put aside for its labels; blank where its pixels have one label a target."""
    pixels = pixels[seen.index]
    rows = seen.groupby(pixels)["row"]
    first, last = rows.transform("first"), rows.transform("last")
    other = first.where(first != seen["row"], last)
    why = pd.Series("", index=seen.index, dtype="str")
    for target in targets:
        torn = (seen.groupby(pixels)[target].transform("nunique") > 1) & (why == "")
        labels = seen.loc[torn, target].astype("str").groupby(pixels[torn]).agg(lambda names: " and ".join(sorted(names.dropna().unique())))
        why = why.mask(torn, "conflicting labels: same pixels as row " + other + ", labelled " + pixels.map(labels).astype("str"))
    return why


def _repeated(frame: pd.DataFrame, pixels: pd.Series) -> Finding:
    known = int((pixels != "").sum())
    if not known:
        return Finding("repeated-pixels", "data", Severity.INFO, None, "Copies cannot be told: no image was read.")
    count = int((frame["copy_of"] != "").sum())
    effect = Effect("share of rows that repeat another's pixels", count / known, n=known)
    if not count:
        return Finding("repeated-pixels", "data", Severity.INFO, True, "No row repeats the pixels of another.", effect)
    repeat = "repeats" if count == 1 else "repeat"
    sentence = f"{count:,} of {known:,} rows {repeat} the pixels of another; each image counts once in training and once in scoring."
    return Finding("repeated-pixels", "data", Severity.LOW, False, sentence, effect)


def _conflicting(frame: pd.DataFrame, pixels: pd.Series) -> Finding:
    torn = (frame["why"] != "") & (frame["copy_of"] == "")
    known = int((pixels != "").sum())
    effect = Effect("share of rows with conflicting labels", torn.mean(), n=known) if known else None
    if not torn.any():
        return Finding("conflicting-labels", "data", Severity.INFO, True if known else None, "No image carries two labels.", effect)
    images = pixels[torn].nunique()
    carry = "1 image carries" if images == 1 else f"{images:,} images carry"
    sentence = f"{carry} two labels in {torn.sum():,} rows; none of these rows is trained on or scored."
    return Finding(
        "conflicting-labels", "data", Severity.HIGH, False, sentence, effect, remedy="Look at these rows and keep one label for each image."
    )
