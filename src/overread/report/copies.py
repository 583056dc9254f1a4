"""Which rows are one picture or one person: the pairs of near-copies by what was done to them, and the components they form."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from overread.report.folder import Folder

SIZES = {
    "1 row": (1, 1),
    "2 rows": (2, 2),
    "3 to 5 rows": (3, 5),
    "6 to 10 rows": (6, 10),
    "11 to 50 rows": (11, 50),
    "more than 50 rows": (51, None),
}


@dataclass(frozen=True)
class Copies:
    """Counts of pairs and components, ready to print.

    Attributes
    ----------
    pairs : near-copies in all
    kinds : what was done to the one to get the other, its pairs, and the median correlation of their aligned pixels; a pair may have several
    sides : the parts, or sources, that the two of a pair are in, and how many pairs
    sizes : a size, how many components have it, and their rows
    largest : rows of the largest component: a chain that swallows a data set is as bad as a leak
    """

    pairs: int
    kinds: list[tuple[str, int, float]]
    sides: list[tuple[str, int]]
    sizes: list[tuple[str, int, int]]
    largest: int


def copies(folder: Folder) -> Copies | None:
    """The counts of an audit's links and catalog; None where it has none."""
    if folder.catalog is None or not folder.has("links.csv"):
        return None
    frame = folder.catalog.frame
    links = pd.read_csv(folder.path / "links.csv", dtype={"row": str, "other": str})
    return Copies(len(links), _kinds(links), _sides(frame, links), _sizes(frame), int(frame["component"].value_counts().max()))


def _kinds(links: pd.DataFrame) -> list[tuple[str, int, float]]:
    if links.empty:
        return []
    turned = ((links["angle"] + 180) % 360 - 180).abs() >= 2
    size = np.log(links["scale"]).abs() > np.log(1.05)
    cut = links["overlap"] < 0.95
    squeezed = links.get("squeezed", pd.Series(False, index=links.index))
    kinds = {
        "mirrored": links["mirrored"],
        "grey levels inverted": links["inverted"],
        "turned": turned,
        "squeezed into a square": squeezed,
        "another size": size,
        "cropped, or with a border": cut,
        "none of these: saved again, brighter or darker, or with a mark": ~(links["mirrored"] | links["inverted"] | turned | squeezed | size | cut),
    }
    return [(kind, int(held.sum()), float(links.loc[held, "correlation"].median())) for kind, held in kinds.items() if held.any()]


def _sides(frame: pd.DataFrame, links: pd.DataFrame) -> list[tuple[str, int]]:
    """Where the two of each pair are: in which sources if there are several, else in which parts."""
    by = "source" if len(frame["source"].unique()) > 1 else "split"
    place = frame.set_index("row")[by].replace("", "no part")
    both = pd.DataFrame({end: links[end].map(place) for end in ("row", "other")}).fillna("no part")
    within = both["row"] == both["other"]
    words = ("both in " + both["row"]).where(within, both.min(axis=1) + " and " + both.max(axis=1))
    return [(str(where), int(pairs)) for where, pairs in words.value_counts().items()]


def _sizes(frame: pd.DataFrame) -> list[tuple[str, int, int]]:
    size = frame["component"].value_counts()
    within = {name: size[(size >= least) & (size <= (most or size.max()))] for name, (least, most) in SIZES.items()}
    return [(name, len(held), int(held.sum())) for name, held in within.items() if len(held)]
