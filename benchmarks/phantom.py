"""How hard the demo's phantoms are: for a forest on thumbnails, for covariates alone, and for the default recipe; three seeds.

    python benchmarks/phantom.py

A forest stands for what needs no look at a bone (layout, exposure, size of the limb): it should stay below an AUROC of 0.65, covariates near
0.5, and the default recipe end between 0.80 and 0.97.
"""

import tempfile
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import pandas as pd
from record import record
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from overread.experiment.demo import FILMS, SETTINGS
from overread.experiment.train import train
from overread.imaging.fit import Fitting
from overread.progress import shown
from overread.recipe import load
from overread.run import Run

SEEDS, THUMBNAIL, TREES = (0, 1, 2), 32, 500


def main() -> None:
    rows = []
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as scratch, shown():
            rows.append(measure(Path(scratch), seed))
    films = FILMS.replace("seed=0", "seed=SEED")
    path = record("phantom", SEEDS[0], rows, films=films, settings=list(SETTINGS), thumbnail=THUMBNAIL, trees=TREES)
    print(pd.DataFrame(rows).to_string(index=False), path, sep="\n")


def measure(folder: Path, seed: int) -> dict[str, object]:
    """One set and one training, both of that seed."""
    source = f"phantom:{folder / 'films'}?{FILMS.replace('seed=0', f'seed={seed}')}"
    began = perf_counter()
    train(load("default", [*SETTINGS, f"seed={seed}"], [source]), folder / "run")
    run = Run.open(folder / "run")
    taken = perf_counter() - began
    test = run.metrics["test"]["fracture"]
    covariates = run.json("covariates.json")["fracture"]["baseline"]
    return {
        "seed": seed,
        "films": len(run.catalog),
        "forest": round(forest(run.catalog.frame, seed), 3),
        **figure("covariates", covariates),
        **figure("default", test["metrics"]["auroc"]),
        "test_films": test["n"],
        "test_components": test["clusters"],
        "seconds": round(taken),
    }


def figure(name: str, told: dict[str, float]) -> dict[str, float]:
    """An AUROC and its interval, flat."""
    return {name: round(told["value"], 3), f"{name}_low": round(told["low"], 3), f"{name}_high": round(told["high"], 3)}


def forest(frame: pd.DataFrame, seed: int) -> float:
    """Out-of-fold AUROC of extremely randomised trees on grey thumbnails, a patient in one of five folds; repeated films count once."""
    rows = frame[frame["copy_of"] == ""]
    thumbnails = np.stack([Fitting(THUMBNAIL, "squash").apply(cv2.imread(file, cv2.IMREAD_GRAYSCALE))[..., 0].ravel() for file in rows["file"]])
    truth = (rows["fracture"] == "fracture").to_numpy()
    trees = ExtraTreesClassifier(TREES, random_state=seed)
    scores = cross_val_predict(trees, thumbnails, truth, groups=rows["patient"], cv=GroupKFold(5), method="predict_proba")
    return float(roc_auc_score(truth, scores[:, 1]))


if __name__ == "__main__":
    main()
