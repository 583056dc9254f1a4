"""PneumoniaMNIST with frozen features, official split: the probe, or the mean of several, that validation likes best.

    OVERREAD_DATA=... OVERREAD_WEIGHTS=... python benchmarks/pneumonia.py [--keep FOLDER]

Every candidate is the recipe `probe` with another backbone or picture size; an ensemble is the mean of its members' logits. The one with the
least log loss on the validation images, its probabilities as they are, is chosen; test is then read for all, and what was not chosen
stands there to show what the choice was worth. Accuracy is at one half, as the benchmark counts.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from record import record
from scipy.special import expit
from sklearn.metrics import log_loss

from overread.evaluation.counts import Cases
from overread.evaluation.metrics import metrics
from overread.evaluation.scoring import score
from overread.experiment.train import train
from overread.progress import shown
from overread.recipe import load
from overread.run import Run

SOURCE = "medmnist:{data}/pneumoniamnist/pneumoniamnist_rebuilt.npz"
BACKBONES = ("efficientnet-lite0", "resnet50-v1")
SIZES = (64, 96, 128, 224)
POSITIVE = "pneumonia"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--keep", type=Path, help="where the run folders stay (default: nowhere)")
    given = asked.parse_args()
    if "OVERREAD_DATA" not in os.environ:
        asked.error("set OVERREAD_DATA to the folder of real images")
    with tempfile.TemporaryDirectory() as scratch:
        place = given.keep or Path(scratch)
        single = {(backbone, size): predicted(backbone, size, place / f"{backbone}-{size}") for backbone in BACKBONES for size in SIZES}
    candidates = {f"{backbone}, {size} px": table for (backbone, size), table in single.items()}
    for backbone in BACKBONES:
        candidates[f"{backbone}, all sizes"] = mean([table for (name, _), table in single.items() if name == backbone])
    candidates["both backbones, all sizes"] = mean(list(single.values()))
    rows = [{"candidate": name, **figures(table)} for name, table in candidates.items()]
    best = min(rows, key=lambda row: row["val_log_loss"])
    record("pneumonia", 0, [{**row, "chosen": row is best} for row in rows], recipe="probe", pool="stages", source=SOURCE)


def predicted(backbone: str, size: int, folder: Path) -> pd.DataFrame:
    """`split`, `truth` (0, 1), `logit` and `component` of the validation and test images, by row."""
    settings = [f"backbone.name={backbone}", "backbone.pool=stages", f"image.size={size}", "split.published=true", "learner.few_shot=false"]
    if not (folder / "status.json").exists():
        with shown():
            train(load("probe", settings, [SOURCE.format(data=os.environ["OVERREAD_DATA"])]), folder)
    run = Run.open(folder)
    ((name, target),) = run.catalog.targets.items()
    told = run.predictions.set_index("row")
    other = next(label for label in target.classes if label != POSITIVE)
    logit = told[f"raw:{name}:{POSITIVE}"] - told[f"raw:{name}:{other}"]
    truth = (told[f"truth:{name}"] == POSITIVE).astype(int)
    component = run.catalog.frame.set_index("row")["component"].reindex(told.index)
    return pd.DataFrame({"split": told["split"], "truth": truth, "logit": logit, "component": component})


def mean(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """The first table with the mean of all logits."""
    return tables[0].assign(logit=np.mean([table["logit"].reindex(tables[0].index) for table in tables], axis=0))


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """Log loss on validation; AUROC and accuracy at one half on test, with intervals."""
    val, test = (table[table["split"] == part] for part in ("val", "test"))
    p = expit(test["logit"].to_numpy())
    cases = Cases(test["truth"].to_numpy(), np.column_stack([1 - p, p]), (p >= 0.5).astype(int))
    chosen = {name: metric for name, metric in metrics("binary").items() if name in {"auroc", "accuracy"}}
    found = score(cases, pd.factorize(test["component"])[0], chosen, draws=2000, seed=0)
    return {"val_log_loss": float(log_loss(val["truth"], expit(val["logit"]))), **{name: figure.to_dict() for name, figure in found.items()}}


if __name__ == "__main__":
    main()
