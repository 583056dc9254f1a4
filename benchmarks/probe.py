"""Frozen features with a solved head on every image set: the first thing a user runs, on splits that cannot leak.

    OVERREAD_DATA=... OVERREAD_WEIGHTS=... python benchmarks/probe.py [SET ...] [--keep FOLDER]

The recipe `probe` with each of two backbones, in grouped 5-fold cross-validation: patients, groups and near-copies
together, predictions of all folds pooled. Nothing is chosen by these figures.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from record import record

from overread.experiment.train import train
from overread.progress import shown
from overread.recipe import load
from overread.run import Run

SETS = {
    "fracture_multiregion": "table:{data}/fracture_multiregion/manifest.csv",
    "fracatlas": "table:{data}/fracatlas/manifest.csv?label=label",
    "knee_kl": "table:{data}/knee_kl/manifest.csv?label=label&kind=ordinal",
    "brain_mri_4class": "table:{data}/brain_mri_4class/manifest.csv?label=label",
    "fundus_4class": "table:{data}/fundus_4class/manifest.csv?label=label",
    "ham10000_200x150": "table:{data}/ham10000_200x150/manifest.csv?label=label",
}
BACKBONES = ("efficientnet-lite0", "resnet50-v1")
FIGURES = ("auroc", "accuracy", "balanced_accuracy")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("sets", nargs="*", metavar="SET", help=f"which of {', '.join(SETS)}; all if none is named")
    asked.add_argument("--keep", type=Path, help="where the run folders stay (default: nowhere)")
    given = asked.parse_args()
    if "OVERREAD_DATA" not in os.environ:
        asked.error("set OVERREAD_DATA to the folder of real images")
    with tempfile.TemporaryDirectory() as scratch:
        place = given.keep or Path(scratch)
        runs = [(name, backbone) for name in given.sets or SETS for backbone in BACKBONES]
        rows = [measured(name, backbone, place / f"{name}-{backbone}") for name, backbone in runs]
    record("probe", 0, rows, recipe="probe", sources=SETS)


def measured(name: str, backbone: str, folder: Path) -> dict[str, Any]:
    """One run, unless it is kept from before, and its pooled out-of-fold figures."""
    settings = [f"backbone.name={backbone}", "split.folds=5", "learner.few_shot=false"]
    if not (folder / "status.json").exists():
        with shown():
            train(load("probe", settings, [SETS[name].format(data=os.environ["OVERREAD_DATA"])]), folder)
    run = Run.open(folder)
    (entry,) = run.metrics["test"].values()
    leaks = [finding.sentence for finding in run.findings if finding.passed is False and finding.severity == "leak"]
    told = {"set": name, "backbone": backbone, "n": entry["n"], "clusters": entry["clusters"], "grade": entry["grade"], "leaks": leaks}
    return {**told, **{figure: entry["metrics"].get(figure) for figure in FIGURES}, "costs": run.json("costs.json")}


if __name__ == "__main__":
    main()
