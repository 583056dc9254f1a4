"""One model, a cascade by region, or one trunk with two heads: which reads real films of four regions best, on the same backbone.

    OVERREAD_DATA=... OVERREAD_WEIGHTS=... python benchmarks/designs.py [--keep FOLDER]

FracAtlas's films of a single region are asked two questions, whether a bone is broken and which region it is. Every design stands on the same
backbone, in the same grouped 5-fold cross-validation, near-copies together; predictions of all folds are pooled.

On a frozen trunk `single` and the cascade's members are solved (logistic regression); `trained` is the single model, and `multitask` the two
heads, as training leaves them: so that what the two questions share is not taken for what solving is worth. There they share nothing that
learns. So the designs are compared once more with trunks that learn, each network for as many epochs. Nothing is chosen by these figures.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from record import record

from overread.evaluation.comparison.compare import compare
from overread.evaluation.comparison.differences import Scored
from overread.evaluation.metrics import metrics
from overread.evaluation.scoring import score
from overread.experiment.comparable import Entrant, scored
from overread.experiment.train import train
from overread.progress import shown
from overread.recipe import check
from overread.run import Run

REGIONS = ("hand", "leg", "hip", "shoulder")
SOURCE = "table:{table}?label=label&target=fracture&positive=Fractured&also=body_part&covariates=body_part,hardware"

SOLVED = {"kind": "probe", "few_shot": False}
HEADS = {"augment": "none", "phases": [{"trains": "head", "epochs": 40, "rate": 1e-3}], "stop": {"patience": 8}}
TUNED = {"augment": "light", "phases": [{"trains": "head", "epochs": 1, "rate": 1e-3}, {"trains": "last 3", "epochs": 7, "rate": 5e-4, "warm_up": 1}]}

DESIGNS: dict[str, dict[str, dict[str, Any]]] = {
    "frozen": {
        "single": SOLVED,
        "cascade": {"kind": "cascade", "part": "body_part", "router": SOLVED, "expert": SOLVED},
        "trained": {"kind": "finetune", **HEADS},
        "multitask": {"kind": "multitask", **HEADS},
    },
    "fine-tuned": {
        "single": {"kind": "finetune", **TUNED},
        "cascade": {"kind": "cascade", "part": "body_part", "small": 1000, "router": TUNED, "expert": TUNED},
        "multitask": {"kind": "multitask", **TUNED},
    },
}
"""By what becomes of the trunk. Fine-tuned experts go on from the pooled one where their part is small, as in `mura-cascade-resnet18`."""

TRIALS = (("efficientnet-lite0", "frozen", 224), ("resnet50-v1", "frozen", 224), ("efficientnet-lite0", "fine-tuned", 160))
"""Backbone, what becomes of it, and the edge of the picture in pixels."""

FEWEST = 20
"""Films of either class that a figure of a region, or of the films without hardware, takes."""

FIGURES = ("auroc", "balanced_accuracy", "kappa")
DRAWS, SEED = 2000, 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--keep", type=Path, help="where the run folders stay (default: nowhere)")
    given = asked.parse_args()
    if "OVERREAD_DATA" not in os.environ:
        asked.error("set OVERREAD_DATA to the folder of real images")
    with tempfile.TemporaryDirectory() as scratch:
        place = given.keep or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        table = single_region(Path(os.environ["OVERREAD_DATA"]) / "fracatlas", place)
        rows = [measured(*trial, table, place) for trial in TRIALS]
    print(record("designs", SEED, rows, regions=REGIONS, fewest=FEWEST, designs=DESIGNS))


def single_region(data: Path, place: Path) -> Path:
    """The table of the films that show one region."""
    table = pd.read_csv(data / "manifest.csv", dtype=str, keep_default_na=False)
    table = table[table["body_part"].isin(REGIONS)]
    path = place / "fracatlas.csv"
    table.assign(image=[str((data / image).resolve()) for image in table["image"]])[["image", "label", "body_part", "hardware"]].to_csv(
        path, index=False
    )
    return path


def measured(backbone: str, trunk: str, size: int, table: Path, place: Path) -> dict[str, Any]:
    """Every design on one backbone: how the router does, and each design's figures of fracture over all films and parts of them."""
    folders = {name: place / f"{backbone}-{trunk}-{name}" for name in DESIGNS[trunk]}
    for name, folder in folders.items():
        if not (folder / "status.json").exists():
            tree = {
                "data": [SOURCE.format(table=table)],
                "image": {"size": size},
                "backbone": {"name": backbone},
                "split": {"folds": 5},
                "learner": DESIGNS[trunk][name],
                "seed": SEED,
            }
            with shown():
                train(check(tree, name), folder)
    entrants = {name: Entrant.open(folder, name) for name, folder in folders.items()}
    models = scored(list(entrants.values()), "fracture")
    films = entrants["single"].run.catalog.frame.set_index("row")
    which = {"all": None, **{region: films["body_part"] == region for region in REGIONS}, "no hardware": films["hardware"].astype(int) == 0}
    router = entrants["cascade"].entries["body_part"]
    return {
        "backbone": backbone,
        "trunk": trunk,
        "size": size,
        "grade": entrants["single"].entries["fracture"]["grade"],
        "router": {**{figure: router["metrics"][figure] for figure in ("accuracy", "balanced_accuracy")}, "confusion": router["confusion"]},
        "routing": Run(folders["cascade"]).json("routing.json"),
        "multitask_body_part": entrants["multitask"].entries["body_part"]["metrics"]["accuracy"],
        "films": {
            name: _figures(models if chosen is None else {key: _only(one, chosen) for key, one in models.items()}) for name, chosen in which.items()
        },
        "seconds": {name: Run(folder).json("costs.json").get("train_seconds") for name, folder in folders.items()},
    }


def _only(model: Scored, chosen: pd.Series) -> Scored:
    """The cases of some rows."""
    keep = chosen.loc[model.row].to_numpy(dtype=bool)
    return Scored(model.cases.only(keep), model.row[keep], np.unique(model.component[keep], return_inverse=True)[1])


def _figures(models: dict[str, Scored]) -> dict[str, Any]:
    """Counts, and, of enough films of either class, each design's figures and the paired differences."""
    truth = next(iter(models.values())).cases.truth
    counts = {"films": len(truth), "fractured": int(truth.sum())}
    if min(truth.sum(), len(truth) - truth.sum()) < FEWEST:
        return counts
    chosen = {name: metrics("binary")[name] for name in FIGURES}
    figures = {
        name: {figure: one.to_dict() for figure, one in score(model.cases, model.component, chosen, draws=DRAWS, seed=SEED).items()}
        for name, model in models.items()
    }
    pairs = compare(models, "binary", draws=DRAWS, seed=SEED)["pairs"]
    return {**counts, "figures": figures, "pairs": [{**pair, "metrics": {name: pair["metrics"][name] for name in FIGURES}} for pair in pairs]}


if __name__ == "__main__":
    main()
