"""Which rows show one picture: the same bytes, the same pixels or a near-copy, whoever the keys say it belongs to."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.partition.components import components
from overread.partition.copies import known_pixels

KINDS = ("byte-identical", "pixel-identical", "near-copy")
"""How a row's picture is found again, the plainest first."""


def families(frame: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """(n,) int: rows that show one picture, directly or through a chain of copies, have one number; patients and other keys join nothing."""
    named = components(frame.assign(patient="", study="", group=""), zip(links["row"], links["other"], strict=True))
    return pd.Series(pd.factorize(named)[0], index=frame.index, name="family")


def found_again(frame: pd.DataFrame, family: pd.Series, links: pd.DataFrame, asked: pd.Series, beside: pd.Series) -> pd.DataFrame:
    """Rows of one part whose picture is in another part, with the plainest way in which it is.

    Parameters
    ----------
    frame : a catalog's frame, or some rows of it
    family : (n,) int, see `families`
    links : near-copies, see `overread.duplicates.find`; a row of the same pixels as a linked one is linked too
    asked, beside : (n,) bool, the two parts

    Returns
    -------
    pandas.DataFrame
        One row an affected row of `asked`, in their order: `row`, `kind` (one of `KINDS`), `other` (a row of `beside` that shows it), and the
        links' columns, missing where no link joins these two: an identical file, or a near-copy by way of a third picture.
    """
    kind, other = np.full(len(frame), -1), np.full(len(frame), -1)
    for number, key in enumerate((_codes(frame["bytes_sha"]), _codes(known_pixels(frame)), family.to_numpy())):
        place = _first(key, beside.to_numpy())[key]
        fresh = asked.to_numpy() & (kind < 0) & (place >= 0)
        kind[fresh], other[fresh] = number, place[fresh]
    near = _direct(frame, links, asked.to_numpy(), beside.to_numpy())
    near = near[kind[near.index] == KINDS.index("near-copy")]
    other[near.index] = near["other"]
    hit, rows = np.flatnonzero(kind >= 0), frame["row"].to_numpy()
    found = pd.DataFrame({"row": rows[hit], "kind": np.array(KINDS, dtype=object)[kind[hit]], "other": rows[other[hit]]}, index=hit)
    return found.join(near.drop(columns="other")).set_axis(frame.index[hit])


def in_words(links: pd.DataFrame) -> list[str]:
    """What turns the first picture of each pair into the second, e.g. "mirrored, turned by 90°, correlation 0.97"."""
    return [_words(link) for link in links.to_dict("records")]


def _codes(key: pd.Series) -> NDArray[np.int64]:
    """(n,) numbers of a column's values; -1 where it is blank."""
    return np.asarray(pd.factorize(key.replace("", None))[0], np.int64)


def _first(key: NDArray[np.int64], part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first place of each number within the part, -1 where it is not there; the last entry, that of a blank, is -1 too."""
    place = np.full(key.max(initial=-1) + 2, -1)
    backward = np.flatnonzero(part)[::-1]
    place[key[backward]] = backward
    place[-1] = -1
    return place


def _direct(frame: pd.DataFrame, links: pd.DataFrame, asked: NDArray[np.bool_], beside: NDArray[np.bool_]) -> pd.DataFrame:
    """The best link of each asked place to one beside; links are of pixels, so that every row with them has it."""
    at, picture = pd.Index(frame["row"]), _codes(known_pixels(frame))
    picture = np.where(picture < 0, len(frame) + np.arange(len(frame)), picture)
    ends = [at.get_indexer(links[side]) for side in ("row", "other")]
    both = [
        links.drop(columns=["row", "other"]).assign(here=picture[ends[0]], there=picture[ends[1]]),
        links.drop(columns=["row", "other"]).assign(here=picture[ends[1]], there=picture[ends[0]], scale=1 / links["scale"]),
    ]
    known = pd.concat([one[(ends[0] >= 0) & (ends[1] >= 0)] for one in both])
    here = pd.DataFrame({"place": np.flatnonzero(asked), "here": picture[asked]})
    there = pd.DataFrame({"other": np.flatnonzero(beside), "there": picture[beside]}).drop_duplicates("there")
    near: pd.DataFrame = known.merge(here, on="here").merge(there, on="there").drop(columns=["here", "there"])
    return near.sort_values("correlation", ascending=False, kind="stable").drop_duplicates("place").set_index("place")


def _words(link: dict[Hashable, Any]) -> str:
    if pd.isna(link["correlation"]):
        return str(link["kind"]).replace("near-copy", "a near-copy, by way of a third picture")
    angle, scale, shown = (link["angle"] + 180) % 360 - 180, link["scale"], link["overlap"]
    steps = [
        "mirrored" if link["mirrored"] else "",
        "grey inverted" if link["inverted"] else "",
        "one of them squeezed into a square" if link.get("squeezed") else "",
        f"turned by {abs(angle):.0f}°" if abs(angle) >= 1 else "",
        f"scaled by {scale:.2f}" if abs(np.log(scale)) > 0.03 else "",
        f"{shown:.0%} of the smaller in both" if shown < 0.85 else "",
        f"correlation {link['correlation']:.2f}",
    ]
    return ", ".join(filter(None, steps))
