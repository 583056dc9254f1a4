"""Rows that must stay together: everything reachable by a shared patient, study, group, file or picture."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

JOINS = {"patient": "patient", "study": "study", "group": "group", "bytes_sha": "identical bytes", "pixel_sha": "identical pixels"}
"""Columns whose equal, non-blank values join two rows, and the words for them."""

Links = Iterable[tuple[str, str]]
"""Pairs of row names that belong together for a reason no column holds, such as a near-duplicate."""


def components(frame: pd.DataFrame, links: Links = ()) -> pd.Series:
    """The component of every row: rows joined directly, or through any chain of others.

    Parameters
    ----------
    frame : a catalog's frame; keys are unique within their source already (`catalog.join`), hashes are compared across sources
    links : pairs of row names to join as well

    Returns
    -------
    (n,) str
        ``c`` and a hash of the component's least file hash (of its least row name, where files were not read): the same whatever the
        order of rows, and never a patient's id.

    Raises
    ------
    ValueError
        A link names a row that the frame does not have: what it joined through that row would be lost.
    """
    n = len(frame)
    ends = np.concatenate([*(_shared(frame[key]) for key in JOINS), _linked(frame["row"], links)], axis=1)
    graph = coo_array((np.ones(ends.shape[1], dtype=bool), (ends[0], ends[1])), shape=(n, n))
    number = connected_components(graph, directed=False)[1] if n else np.zeros(0, dtype=int)
    content = frame["bytes_sha"].where(frame["bytes_sha"] != "", frame["row"]).groupby(number).min()
    names = content.map(lambda least: "c" + blake2b(least.encode(), digest_size=6).hexdigest())
    return pd.Series(names.to_numpy()[number], index=frame.index, name="component", dtype="str")


def apart(frame: pd.DataFrame, links: Links, out: pd.Series) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """The frame and the links without what joins the rows of a (n,) bool mask: each of these is then a component of its own."""
    names = set(frame.loc[out, "row"])
    return frame.assign(**{key: frame[key].mask(out, "") for key in JOINS}), [link for link in links if not names.intersection(link)]


def describe(frame: pd.DataFrame, component: pd.Series, links: Links = ()) -> pd.Series:
    """(n,) str: what joins each row's component, e.g. "component of 4 rows joined by patient", or "alone"."""
    linked = frame["row"].isin([row for link in links for row in link])
    joined = {word: (frame[key] != "") & pd.DataFrame({"c": component, "key": frame[key]}).duplicated(keep=False) for key, word in JOINS.items()}
    active = pd.DataFrame({**joined, "near-copies": linked}).groupby(component).any()
    words = pd.Series([_listed([str(word) for word in active if held[word]]) for held in active.to_dict("records")], index=active.index)
    size = component.map(component.value_counts())
    sentence = "component of " + size.astype("str") + " rows joined by " + component.map(words)
    return sentence.where(size > 1, "alone")


def _shared(key: pd.Series) -> np.ndarray:
    """(2, m) positions: each row that has the key, and the first row with the same."""
    known = np.flatnonzero((key != "").to_numpy())
    codes, _ = pd.factorize(key.iloc[known])
    _, first = np.unique(codes, return_index=True)
    return np.stack([known, known[first[codes]]])


def _linked(rows: pd.Series, links: Links) -> np.ndarray:
    """(2, m) positions of the rows that explicit links name."""
    pairs = np.asarray(list(links), dtype=object).reshape(-1, 2)
    places = pd.Index(rows).get_indexer(pairs.ravel())
    if (places < 0).any():
        raise ValueError(f"a link names the row {pairs.ravel()[places < 0][0]!r}, which is not in the catalog")
    return np.asarray(places.reshape(-1, 2).T)


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
