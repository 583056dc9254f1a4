"""Runs on real images: how each was run, its figures, those of others, and what the second reading found."""

from sections.text import Entry, figure, made, table, value, words

MEDMNIST = "Yang et al. 2023, Scientific Data 10:41 (official split, accuracy at 0.5)"
SAME_FILES = "scikit-learn on the same files, before `overread` was written"

BESIDE: dict[str, list[tuple[str, str, str, str]]] = {
    "fracture-folds": [
        ("logistic regression on frozen features of the same weights, groups together", "0.80", "", SAME_FILES),
        ("forest on 32 px thumbnails, groups together", "0.725", "0.719", SAME_FILES),
    ],
    "fracture-published": [
        ("logistic regression on frozen features of the same weights, published split", "0.998", "", SAME_FILES),
        ("forest on 32 px thumbnails, published split", "1.000", "0.992", SAME_FILES),
    ],
    "pneumonia": [
        ("ResNet-18, 28 px", "0.944", "0.854", MEDMNIST),
        ("ResNet-18, 224 px", "0.956", "0.864", MEDMNIST),
        ("ResNet-50, 28 px", "0.948", "0.854", MEDMNIST),
        ("ResNet-50, 224 px", "0.962", "0.884", MEDMNIST),
        ("auto-sklearn", "0.942", "0.855", MEDMNIST),
        ("AutoKeras", "0.947", "0.878", MEDMNIST),
        ("Google AutoML Vision", "0.991", "0.946", MEDMNIST),
    ],
}
"""Run to figures of others: who, AUROC, accuracy, and where that is said."""

TITLES: dict[str, tuple[str, str]] = {
    "fracture-folds": (
        "Fractures, components together",
        "Frozen ResNet-50, repeated grouped 5-fold; about 0.80 is right here, 0.95 would be a leak.",
    ),
    "fracture-published": ("Fractures, the published split", "The same network on the split that the set came with: what a leak is worth."),
    "fracture-two-phase": ("Fractures, fine-tuned in two phases", "One split; its test part holds few components, so the interval is wide."),
    "brain-mri": ("Brain MRI, tumour or not", "Four classes merged into two. Patients are not known, so neighbouring slices may stand on two sides."),
    "pneumonia": ("PneumoniaMNIST, official split", "28 px chest radiographs, the benchmark's own split; `at 0.5` is how the benchmark counts."),
}
"""Run of `benchmarks/real.py` to its heading and what to read it as."""

SHOWN = ("auroc", "average_precision", "sensitivity", "specificity", "balanced_accuracy", "accuracy", "brier", "calibration_slope")


def section(name: str, told: Entry) -> str:
    """One run on real images: how it was run, its figures, those of others, what the second reading found."""
    title, meaning = TITLES.get(name, (name, ""))
    (test,) = [row for row in told["rows"] if row["split"] == "test"]
    settings = "".join(f' --set "{setting}"' for setting in told["settings"])
    command = f'overread train {told["recipe"]} --data "{told["source"]}"{settings}'
    prevalence = ", ".join(f"{share:.0%} {label}" for label, share in test["prevalence"].items())
    counts = f"{test['n']:,} images ({prevalence}) in {test['clusters']:,} components; {test['grade']}; {told['rejected']} files rejected."
    ours = table(
        ("figure", "at the threshold of validation", "at 0.5, uncalibrated"),
        [(words(key), figure(test["metrics"].get(key)), figure(test["at_half"].get(key))) for key in SHOWN if key in test["metrics"]],
    )
    beside = [(who, auroc, accuracy, source) for who, auroc, accuracy, source in BESIDE.get(name, [])]
    own = ("**`overread`, this run**", value(test["metrics"]["auroc"]), value(test["at_half"]["accuracy"]), "above")
    others = table(("beside it", "AUROC", "accuracy at 0.5", "source"), [own, *beside]) if beside else ""
    raised = [f"- {entry['severity']}: {entry['sentence']}\n" for entry in told["findings"] if entry["passed"] is False]
    second = "A second reading found:\n\n" + "".join(raised) if raised else ""
    return "\n".join(
        filter(
            None,
            [
                f"### {title}\n",
                meaning and f"{meaning}\n",
                f"    {command}\n",
                counts + "\n",
                ours,
                others,
                second,
                made(told, f"python benchmarks/real.py {name}"),
            ],
        )
    )
