"""`fracture_multiregion`: what its published split leaks, which names hide one film, and what is left of a score once copies stay together."""

from itertools import combinations

import numpy as np
import pandas as pd
from blind import Blind, Row, blind, count, figure
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from overread.audit.neighbour import nearest
from overread.backbones.create import create
from overread.catalog import Catalog
from overread.evaluation.intervals import wilson
from overread.evaluation.out_of_fold import Question, Scores, area
from overread.features.embed import embed
from overread.partition import folds
from overread.partition.components import components
from overread.partition.copies import known_pixels
from overread.recipe import Backbone, Image, Runtime, Split

NAME, BACKBONE = "fracture_multiregion", Backbone(name="resnet50-v1")

ONE_FILM = ((29, 46), (3, 69), (30, 47))
"""Base names of `not fractured` that were seen to be one film each."""

PENALTY = 0.003
"""Inverse strength of the ridge, on standardised features."""


def fractures(data: str) -> list[Row]:
    """All questions of this set."""
    seen = blind(f"table:{data}/{NAME}/manifest.csv?label=label&positive=fractured")
    return [*published(seen), *named(seen), *sizes(seen), *thumbnails(seen), *frozen(seen)]


def published(seen: Blind) -> list[Row]:
    """Copies of test files in train."""
    test = seen.rows["split"] == "test"
    kinds = seen.again(test, seen.rows["split"] == "train")["kind"].value_counts()
    return [
        count(NAME, "test files byte-identical to a train file", kinds.get("byte-identical", 0), test.sum(), "485"),
        count(NAME, "test files with a copy or near-copy in train", kinds.sum(), test.sum(), ">= 493"),
    ]


def named(seen: Blind) -> list[Row]:
    """Components against the base names of the published files, which the package never saw."""
    frame = seen.rows.assign(base=seen.answer["group"], component=seen.family, pixels=known_pixels(seen.rows))
    turned = frame[frame["path"].str.contains("-rotated")]
    together = frame.groupby(["base", "component"])["pixels"].transform("nunique")[turned.index] > 1
    home = frame.groupby("base")["component"].agg(set)
    one = [bool(home[f"not fractured/{a}"] & home[f"not fractured/{b}"]) for a, b in ONE_FILM]
    joined, same = (held_by(frame, unit) for unit in ("component", "pixels"))
    words = ", ".join(f"{a} and {b}" for a, b in ONE_FILM)
    return [
        count(NAME, "files named `-rotatedN` in a component with another picture of their base name", together.sum(), len(turned), ">= 99 %"),
        count(NAME, f"pairs of base names known to be one film ({words}) in one component", sum(one), len(one), "3"),
        count(NAME, "pairs of base names in one component", len(joined), len(home) * (len(home) - 1) // 2),
        count(NAME, "of these, because one picture has both names", len(same), len(joined)),
    ]


def held_by(frame: pd.DataFrame, unit: str) -> set[tuple[str, str]]:
    """Pairs of base names that one component, or one picture, holds."""
    return {pair for bases in frame.groupby(unit)["base"].unique() for pair in combinations(sorted(bases), 2)}


def sizes(seen: Blind) -> list[Row]:
    """How large components are, and whether one holds two labels."""
    pictures = seen.rows[~known_pixels(seen.rows).duplicated()]
    size = seen.family[pictures.index].value_counts()
    torn = seen.rows["label"].groupby(seen.family).agg("nunique") > 1
    return [
        count(NAME, "components", len(size), len(pictures)),
        count(NAME, "distinct pictures in the largest component", size.max(), len(pictures)),
        count(NAME, "components with two labels", torn.sum(), len(size)),
    ]


def thumbnails(seen: Blind) -> list[Row]:
    """Accuracy of the nearest of all other distinct pictures on 32x32 grey thumbnails, as more of them are closed to it."""
    context = seen.context()
    pictures = seen.rows[~known_pixels(seen.rows).duplicated()]
    places = pictures.index.to_numpy()
    flat = np.asarray(context.grey[places].reshape(len(places), -1) / 255, np.float32)
    label, unit = pictures["label"].to_numpy(), everything(seen)[places]
    closed = {
        "outside itself": (pictures["row"], "0.98"),
        "outside its component": (seen.family[places], "<= 0.77"),
        "outside its component and base name": (unit, "0.70"),
    }
    told = []
    for words, (group, aim) in closed.items():
        code = pd.factorize(group)[0]
        right = label == label[nearest(flat, flat, (code, code))]
        told.append(figure(NAME, f"nearest neighbour, asked {words}: accuracy", wilson(right, unit.to_numpy()), len(places), aim))
    return told


def frozen(seen: Blind) -> list[Row]:
    """AUROC of logistic regression on a frozen network's features, three times five folds, as more is kept together.

    Of one picture in several files one counts, so that base names that share a picture are kept together too.
    """
    pictures = seen.rows[~known_pixels(seen.rows).duplicated()]
    trunk = create(BACKBONE, Image(size=seen.pictures.fitting.size))
    features = dict(zip(pictures["row"], embed(trunk, seen.pictures.take(pictures.index.to_numpy()), Runtime()).features, strict=True))
    kept = {
        "random folds": (seen.catalog, [], "0.99"),
        "folds by component": (seen.catalog, seen.pairs, "<= 0.84"),
        "folds by base name": (seen.opened("group"), [], "0.80"),
        "folds by component and base name": (seen.opened("group"), seen.pairs, ""),
    }
    unit = everything(seen).set_axis(seen.rows["row"])
    told = []
    for words, (catalog, links, aim) in kept.items():
        found = area(*scored(catalog, links, features, unit))
        told.append(figure(NAME, f"frozen {BACKBONE.name}, {words}: AUROC", found, len(features), aim))
    return told


def scored(catalog: Catalog, links: list[tuple[str, str]], features: dict[str, np.ndarray], unit: pd.Series) -> tuple[Question, Scores]:
    """The rows as a question, and what models that saw none of a fold's components say of the fold."""
    every = [fold.catalog.frame.set_index("row") for fold in folds(catalog, Split(folds=5, repeats=3), 0, links)]
    counted = every[0][(every[0]["split"] != "") & (every[0]["copy_of"] == "")]
    truth = catalog.targets["label"].encode(counted["label"])
    table = np.stack([features[name] for name in counted.index])
    scores = []
    for fold in every:
        held = (fold.loc[counted.index, "split"] == "test").to_numpy()
        model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=2000)).fit(table[~held], truth[~held])
        scores.append((np.flatnonzero(held), model.predict_log_proba(table[held])))
    return Question(truth, 2, unit[counted.index].to_numpy(), draws=2000, seed=0), scores


def everything(seen: Blind) -> pd.Series:
    """(n,) str: components over near-copies and base names: the unit that intervals are drawn by."""
    return components(seen.opened("group").frame, seen.pairs)
