"""The recipes on real images: radiographs with copies, brain MRI, and PneumoniaMNIST beside its published figures.

    OVERREAD_DATA=... OVERREAD_WEIGHTS=... python benchmarks/real.py [NAME ...] [--keep FOLDER]

Each run is what a user would type; its test figures with intervals, grade and findings go to results/real-<name>.json.
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

FRACTURES = "table:{data}/fracture_multiregion/manifest.csv"
HEAD_ONLY = "learner.phases=[{trains: head, epochs: 30, rate: 1e-3}]"
V1 = "backbone.name=resnet50-v1"
SHORTER = "learner.phases=[{trains: head, epochs: 4, rate: 1e-3}, {trains: from layer3, epochs: 8, rate: 1e-4, decay: 0.5, warm_up: 1}]"
"""The recipe's two phases in 12 epochs instead of 40: what two cores do in an hour."""


RUNS: dict[str, tuple[str, str, list[str]]] = {
    "fracture-folds": ("fracture-two-phase", FRACTURES, [V1, "split.folds=5", "split.repeats=2", "learner.augment=none", HEAD_ONLY]),
    "fracture-published": ("fracture-two-phase", FRACTURES, [V1, "split.published=true", "learner.augment=none", HEAD_ONLY]),
    "fracture-two-phase": ("fracture-two-phase", FRACTURES, [V1, SHORTER]),
    "brain-mri": (
        "bone-tumor-resnet50",
        "table:{data}/brain_mri_4class/manifest.csv?merge=tumour:glioma|meningioma|pituitary;no tumour:notumor",
        [V1],
    ),
    "pneumonia": ("default", "medmnist:{data}/pneumoniamnist/pneumoniamnist_rebuilt.npz", ["split.published=true"]),
}
"""Name: the recipe, the source and what is set otherwise."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(RUNS)}; all if none is named")
    asked.add_argument("--keep", type=Path, help="where the run folders stay (default: nowhere)")
    given = asked.parse_args()
    if "OVERREAD_DATA" not in os.environ:
        asked.error("set OVERREAD_DATA to the folder of real images")
    with tempfile.TemporaryDirectory() as scratch:
        for name in given.names or list(RUNS):
            measure(name, (given.keep or Path(scratch)) / name)


def measure(name: str, folder: Path) -> None:
    """Run one of them, if it is not kept from before, and record what its run folder says."""
    title, source, settings = RUNS[name]
    recipe = load(title, settings, [source.format(data=os.environ["OVERREAD_DATA"])])
    if not (folder / "status.json").exists():
        with shown():
            train(recipe, folder)
    run = Run.open(folder)
    epochs = [event for event in run.log if "epoch" in event]
    (target,) = run.catalog.targets
    record(
        f"real-{name}",
        recipe.seed,
        [{"target": target, "split": split, **brief(entry[target])} for split, entry in run.metrics.items()],
        recipe=title,
        settings=settings,
        source=source.format(data="$OVERREAD_DATA"),
        rejected=len(run.rejected),
        covariates=run.json("covariates.json")[target],
        findings=[finding.to_dict() for finding in run.findings],
        epochs=len(epochs),
        seconds=round(sum(event["seconds"] for event in epochs)),
    )


def brief(entry: dict[str, Any]) -> dict[str, Any]:
    """One split's figures without the subgroups, and of each fold the AUROC alone."""
    folds = [{"fold": fold["fold"], "repeat": fold["repeat"], "n": fold["n"], "auroc": fold["metrics"]["auroc"]} for fold in entry.get("folds", [])]
    return {**{key: value for key, value in entry.items() if key not in {"subgroups", "folds"}}, **({"folds": folds} if folds else {})}


if __name__ == "__main__":
    main()
