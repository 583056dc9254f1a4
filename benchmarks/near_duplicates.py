"""Are copies found, and only copies? Changed copies of real films are planted among all others, one kind of change at a time.

    python benchmarks/near_duplicates.py [--keep FOLDER] [--threads N]

The films are those of `fracatlas` and `knee_kl` in OVERREAD_DATA, one of each pixels. 300 of them are drawn; a catalog holds all films and
one copy of each of the 300, changed in one way (see `planted.py`), or in three ways one after the other, twice. So a copy cannot be helped by
another copy of its film. Copies are files, read and searched as any others are.

`linked` is a copy linked to its film itself, `joined` one that is in its film's component. A link between two films, or a copy of one and
another film, is false unless `judged.csv` says that both show one patient: those pairs were found among the films themselves, and looked at
one by one. Pairs that are not listed there count as false. imagededup is asked the same of the same pictures where it is installed.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import planted
from numpy.typing import NDArray
from peers import Peer, peers
from PIL import Image
from record import record
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import beta

from overread.catalog import Catalog
from overread.datasets.base import read as read_source
from overread.duplicates.describe import describe_all, shapes
from overread.duplicates.find import find
from overread.duplicates.propose import propose
from overread.duplicates.views import views
from overread.experiment.rows.gather import cores
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.read import read
from overread.imaging.scan import scan
from overread.recipe import Runtime

SETS = ("fracatlas", "knee_kl")
SOURCES, CHAINS, SEED = 300, 2, 0
FITTING = Fitting(224)
JUDGED = Path(__file__).with_name("judged.csv")
NAMED = 12
"""Digits of a film's pixel hash that `judged.csv` names it by."""

Changes = dict[str, Callable[[planted.Picture, planted.Draw], tuple[planted.Picture, str]]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--keep", type=Path, help="where copies and the cache stay, so that what was found is not sought again (default: nowhere)")
    asked.add_argument("--threads", type=int, default=cores(Runtime()))
    given = asked.parse_args()
    if "OVERREAD_DATA" not in os.environ:
        asked.error("set OVERREAD_DATA to the folder of real images")
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        begun = time.perf_counter()
        films = originals(folder, given.threads)
        sources = np.sort(np.random.default_rng(SEED).choice(len(films), SOURCES, replace=False))
        tables = {"": films} | {name: plant(films, sources, name, number, folder) for number, name in enumerate(changes())}
        pairs = {"overread": {name: links(table, folder, given.threads) for name, table in tables.items()}}
        pairs |= {name: compared(peer, tables) for name, peer in peers(FITTING.size).items()}
        strict = {f"{name}, no false pair among films": stricter(found, tables[""]) for name, found in pairs.items() if "score" in found[""]}
        told = {name: [counted(found[change], tables[change], change) for change in tables] for name, found in {**pairs, **strict}.items()}
        rows = [{"finder": finder, **row} for finder, counts in told.items() for row in counts if row["change"]]
        looked = candidates(films, folder, given.threads)
        print(pd.DataFrame(rows).drop(columns=["missed"]).to_string(index=False))
        notes = {
            "films": len(films),
            "by_set": films["set"].value_counts().to_dict(),
            "drawn_by_set": films.loc[sources, "set"].value_counts().to_dict(),
            "candidates": looked,
            "candidates_at_most": at_most(int(wrong(pairs["overread"][""], films).sum()), looked),
            "judged": judged().value_counts().to_dict(),
            "false": [{"finder": finder, **false(pairs_, tables)} for finder, pairs_ in {**pairs, **strict}.items()],
            "seconds": round(time.perf_counter() - begun),
        }
        print(notes, record("near_duplicates", SEED, rows, **notes), sep="\n")


def changes() -> Changes:
    """Every change that a catalog is made of, by name; it gives the copy and what was done to it."""

    def alone(name: str, change: planted.Change) -> Callable[[planted.Picture, planted.Draw], tuple[planted.Picture, str]]:
        return lambda film, draw: (change(film, draw), name)

    every = {name: alone(name, change) for name, change in {**planted.ASKED, **planted.HARDER}.items()}
    return every | {f"chain {number + 1}": planted.chain for number in range(CHAINS)}


def originals(folder: Path, threads: int) -> pd.DataFrame:
    """One row a film of different pixels: `file`, `set`, `of` (its own position), `done` (nothing) and its hash."""
    files = []
    for name in SETS:
        place = Path(os.environ["OVERREAD_DATA"]).resolve() / name
        files += [(str(place / image), name) for image in pd.read_csv(place / "manifest.csv")["image"].unique()]
    frame = scanned(pd.DataFrame(files, columns=["file", "set"]), folder, threads).frame.drop_duplicates("pixel_sha", ignore_index=True)
    return frame[["file", "pixel_sha"]].assign(set=frame["label"].astype(str), of=range(len(frame)), done="")


def plant(films: pd.DataFrame, sources: NDArray[np.intp], name: str, number: int, folder: Path) -> pd.DataFrame:
    """All films, and below them a copy of each that was drawn, written to a file of its own."""
    place = folder / "copies" / name
    place.mkdir(parents=True, exist_ok=True)
    made = []
    for of in map(int, sources):
        film, draw = read(str(films.loc[of, "file"])), np.random.default_rng([SEED, number, of])
        copy, done = changes()[name](film, draw)
        while np.array_equal(copy, film):  # a label painted over where there was nothing
            copy, done = changes()[name](film, draw)
        Image.fromarray(copy).save(place / f"{of}.png")
        made.append((str(place / f"{of}.png"), films.loc[of, "set"], of, done))
    return pd.concat([films, pd.DataFrame(made, columns=["file", "set", "of", "done"])], ignore_index=True)


def scanned(table: pd.DataFrame, folder: Path, threads: int) -> Catalog:
    """The catalog of some files, read as any other is; the set they are of stands for a label."""
    table[["file", "set"]].set_axis(["image", "label"], axis=1).to_csv(folder / "table.csv", index=False)
    catalog, rejected = scan(read_source([f"table:{folder / 'table.csv'}?positive={SETS[1]}"]), FITTING, Cache(folder / "cache"), threads)
    assert rejected.empty
    return catalog


def links(table: pd.DataFrame, folder: Path, threads: int) -> pd.DataFrame:
    """The links that `find` makes, `one` and `other` being positions in the table."""
    begun = time.process_time()
    catalog = scanned(table, folder, threads)
    found = find(catalog, Pictures(catalog.frame, FITTING, Cache(folder / "cache")), threads)
    print(f"{len(found)} links, {time.process_time() - begun:.0f} s of a core", flush=True)
    place = pd.Series(range(len(catalog)), index=catalog.frame["row"])
    return found.assign(one=found["row"].map(place), other=found["other"].map(place))


def candidates(films: pd.DataFrame, folder: Path, threads: int) -> int:
    """Pairs of films that are proposed, and so looked at."""
    catalog = scanned(films, folder, threads)
    seen = views(Pictures(catalog.frame, FITTING, Cache(folder / "cache")), shapes(catalog.frame))
    return len(propose(describe_all(seen.look, len(seen), threads), seen.square, threads))


def compared(peer: Peer, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The pairs that a peer says are copies, for each table; a film is encoded once."""
    known: dict[str, Any] = {}
    found = {}
    for name, table in tables.items():
        known |= {file: peer.encode(file) for file in table["file"] if file not in known}
        found[name] = peer.pairs([known[file] for file in table["file"]])
        print(f"{len(found[name])} pairs of {name or 'films'}", flush=True)
    return found


def stricter(found: dict[str, pd.DataFrame], films: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The pairs that a peer would say with the loosest threshold that says no false pair of the films."""
    worst = found[""].loc[wrong(found[""], films), "score"].max()
    return {name: pairs[~(pairs["score"] <= worst)] for name, pairs in found.items()}


def judged() -> pd.Series:
    """What each listed pair of films shows (`film`, `patient` or `different`), by the two names in order."""
    table = pd.read_csv(JUDGED, dtype=str) if JUDGED.exists() else pd.DataFrame({"one": [], "other": [], "shows": []})
    return table.set_index(["one", "other"])["shows"]


def wrong(pairs: pd.DataFrame, table: pd.DataFrame) -> NDArray[np.bool_]:
    """(p,) whether a pair is of two films, or of copies of two, that are not known to show one patient."""
    ends = table["of"].to_numpy()[pairs[["one", "other"]].to_numpy(dtype=int)]
    apart: NDArray[np.bool_] = ends[:, 0] != ends[:, 1]
    known = judged()
    place = {str(name)[:NAMED]: position for position, name in enumerate(table["pixel_sha"].dropna())}
    same = [sorted((place[one], place[other])) for one, other in known.index[known != "different"] if one in place and other in place]
    codes = np.array([one * len(table) + other for one, other in same], dtype=np.int64)
    return apart & ~np.isin(ends.min(axis=1) * len(table) + ends.max(axis=1), codes)


def counted(pairs: pd.DataFrame, table: pd.DataFrame, change: str) -> dict[str, Any]:
    """What was found of the copies of one change, and what was made up."""
    copies = table[table["done"] != ""]
    ends = pairs[["one", "other"]].to_numpy(dtype=int)
    of = table["of"].to_numpy()[ends]
    linked = copies.index.isin(ends[of[:, 0] == of[:, 1]].ravel())
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(table), len(table)))
    component = connected_components(graph, directed=False)[1]
    joined = component[copies.index] == component[copies["of"]]
    false_pairs = ends[wrong(pairs, table)]
    sets = {f"linked_{name}": int(linked[(copies["set"] == name).to_numpy()].sum()) for name in SETS}
    return {
        "change": change,
        "harder": change in planted.HARDER,
        "copies": len(copies),
        "linked": int(linked.sum()),
        "joined": int(joined.sum()),
        **sets,
        "false_pairs": len(false_pairs),
        "false_copies": int(copies.index.isin(false_pairs.ravel()).sum()),
        "missed": sorted(copies.loc[~linked, "done"]) if change.startswith("chain") else [],
    }


def false(found: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """False pairs of all catalogs, the films' own counted once, and the pictures that stand in one."""
    n = len(tables[""])
    of_films, of_copies, films, copies = set(), 0, set(), 0
    for name, table in tables.items():
        ends = found[name].loc[wrong(found[name], table), ["one", "other"]].to_numpy(dtype=int)
        own = (ends < n).all(axis=1)
        of_films |= set((ends[own].min(axis=1) * n + ends[own].max(axis=1)).tolist())
        of_copies += int((~own).sum())
        films |= set(ends[ends < n].tolist())
        copies += len(np.unique(ends[ends >= n]))
    made = [len(table) - n for table in tables.values()]
    pictures, involved = n + sum(made), len(films) + copies
    return {
        "pairs_of_films": len(of_films),
        "pairs_with_a_copy": of_copies,
        "pairs_possible": n * (n - 1) // 2 + sum(m * (n - 1) + m * (m - 1) // 2 for m in made),
        "pictures": pictures,
        "pictures_in_one": involved,
        "share_at_most": at_most(involved, pictures),
        "listed": [list(pair) for pair in sorted({named(code, n, tables[""]) for code in of_films})][:50],
    }


def at_most(count: int, of: int) -> float:
    """The upper end of the one-sided 95 % interval of a share (Clopper & Pearson 1934)."""
    return float(beta.ppf(0.95, count + 1, of - count))


def named(code: int, n: int, films: pd.DataFrame) -> tuple[str, ...]:
    """The two films of a pair, as `judged.csv` names them."""
    return tuple(sorted(films["pixel_sha"].iloc[[code // n, code % n]].str[:NAMED]))


if __name__ == "__main__":
    main()
