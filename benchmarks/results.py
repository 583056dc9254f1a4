"""What the benchmarks measured, as one page: docs/results.md, made from benchmarks/results/*.json and from nothing else.

    python benchmarks/results.py

A file that is not there yet is named as not measured; figures of others stand beside ours with their source.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "results.md"

Entry = Mapping[str, Any]

OPENING = """# Measured results

Made by `python benchmarks/results.py` from the files in `benchmarks/results/`; each names its commit (a `+` says that files had changed
since), day and machine. An interval is the 95 % bootstrap interval over components, not over images: it covers the sampling of cases,
not of retraining. Nothing here is a claim about patients: research use only, not a medical device.
"""

MEDMNIST = "Yang et al. 2023, Scientific Data 10:41 (official split, accuracy at 0.5)"
SAME_FILES = "scikit-learn on the same files, before `overread` was written"

METHODS = ("overread", "percentile", "naive")

COVERAGE = """## Do the intervals hold?

A 95 % interval should hold the truth in 95 of 100 studies. In {studies:,} simulated studies a setting, of patients with 1 to 9 images each
that resemble one another (intra-class correlation), that of `overread` does in {overread}; one that draws images as if each were a
patient, in {naive}; plain percentiles over the same draws of patients, in {percentile}.
"""

LOOPS = ("learner", "plain", "memory")

SPEED = """## How fast does it train?

{network} at {size} px, batches of {batch}, torch {torch}. *Plain* is the float32 eager loop one writes first, on tensors in memory; *memory*
is the learner's own arithmetic on pictures already in memory: what is lost against it is reading and augmenting. The three take turns;
the ratios are medians of {turns} turns. Aims: {over_plain:g} times plain, {over_memory:g} times memory.
"""

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

REAL: dict[str, tuple[str, str]] = {
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


def main() -> None:
    PAGE.write_text(page(HERE / "results"), encoding="utf-8")
    print(PAGE)


def page(folder: Path) -> str:
    """The page of a folder of results, in Markdown; deterministic."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    names = dict.fromkeys([*REAL, *(name.removeprefix("real-") for name in found if name.startswith("real-"))])
    runs = [real(name, found[f"real-{name}"]) for name in names if f"real-{name}" in found]
    others = [section(found[name]) for name, section in (("coverage", coverage), ("train", speed)) if name in found]
    missing = [f"real.py {name}" for name in REAL if f"real-{name}" not in found]
    missing += [f"{name}.py" for name in ("coverage", "train") if name not in found]
    still = ["## Not measured yet\n", "".join(f"- `python benchmarks/{script}`\n" for script in missing)] if missing else []
    return "\n".join([OPENING, *(["## Real images\n", *runs] if runs else []), *others, *still])


def real(name: str, told: Entry) -> str:
    """One run on real images: how it was run, its figures, those of others, what the second reading found."""
    title, meaning = REAL.get(name, (name, ""))
    (test,) = [row for row in told["rows"] if row["split"] == "test"]
    settings = "".join(f' --set "{setting}"' for setting in told["settings"])
    command = f'overread train {told["recipe"]} --data "{told["source"]}"{settings}'
    prevalence = ", ".join(f"{share:.0%} {label}" for label, share in test["prevalence"].items())
    counts = f"{test['n']:,} images ({prevalence}) in {test['clusters']:,} components; {test['grade']}; {told['rejected']} files rejected."
    ours = table(
        ("figure", "at the threshold of validation", "at 0.5, uncalibrated"),
        [(_words(key), _figure(test["metrics"].get(key)), _figure(test["at_half"].get(key))) for key in SHOWN if key in test["metrics"]],
    )
    beside = [(who, auroc, accuracy, source) for who, auroc, accuracy, source in BESIDE.get(name, [])]
    own = ("**`overread`, this run**", _value(test["metrics"]["auroc"]), _value(test["at_half"]["accuracy"]), "above")
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
                _made(told, f"python benchmarks/real.py {name}"),
            ],
        )
    )


def coverage(told: Entry) -> str:
    """How often the interval holds the truth, a row a setting and figure."""
    settings: dict[tuple[Any, ...], dict[str, Entry]] = {}
    for row in told["rows"]:
        settings.setdefault((row["patients"], row["correlation"], row["metric"], row["truth"]), {})[row["method"].partition(",")[0]] = row
    held = {method: [by[method]["coverage"] for by in settings.values()] for method in METHODS}
    said = COVERAGE.format(
        studies=max(row["studies"] for row in told["rows"]), **{method: f"{min(seen):.1%} to {max(seen):.1%}" for method, seen in held.items()}
    )
    rows = [
        (str(patients), str(correlation), _words(metric), f"{truth:.3f}", *(f"{by[m]['coverage']:.1%}" for m in METHODS), _width(by["overread"]))
        for (patients, correlation, metric, truth), by in settings.items()
    ]
    head = ("patients", "correlation", "figure", "truth", "`overread`", "percentiles", "naive", "median width, `overread`")
    return "\n".join([said, table(head, rows), _made(told, "python benchmarks/coverage.py")])


def speed(told: Entry) -> str:
    """Images a second, beside two plain loops of the same minutes."""
    said = SPEED.format(**told, over_plain=told["aims"]["plain"], over_memory=told["aims"]["memory"])
    rows = [
        (
            row["what"],
            str(row["threads"]),
            *(f"{row[f'{loop}_images_per_second']:.1f}" for loop in LOOPS),
            *(f"{row[f'over_{x}']:.2f}" for x in LOOPS[1:]),
        )
        for row in told["rows"]
    ]
    head = ("", "threads", "`overread`, images/s", "plain", "memory", "times plain", "times memory")
    return "\n".join([said, table(head, rows), _made(told, "python benchmarks/train.py")])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _figure(entry: Entry | None) -> str:
    """A figure with its interval."""
    if entry is None or entry["value"] is None:
        return "not defined"
    return _value(entry) + (f" ({entry['low']:.3f} to {entry['high']:.3f})" if entry["low"] is not None else " (no interval)")


def _value(entry: Entry) -> str:
    return f"{entry['value']:.3f}"


def _width(row: Entry) -> str:
    return f"{row['median_width']:.3f}"


def _words(key: str) -> str:
    return {"auroc": "AUROC", "brier": "Brier score"}.get(key, key.replace("_", " "))


def _made(told: Entry, command: str) -> str:
    """Where, when and by what a section was measured."""
    hardware = told["hardware"]
    machine = f"{hardware['processor']}, {hardware['cores']} cores, {hardware['system']}, Python {hardware['python']}"
    lasted = f", {told['seconds']:,} s" + " in epochs of training" * ("epochs" in told) if "seconds" in told else ""
    commit = told["commit"][:10] + "+" * told["commit"].endswith("+")
    return f"*`{command}`, commit {commit}, {told['date']}, seed {told['seed']}, {machine}{lasted}.*\n"


if __name__ == "__main__":
    main()
