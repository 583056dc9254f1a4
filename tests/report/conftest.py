"""Run folders made up to the last file, whose every number is known."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.catalog import Catalog, Target
from overread.findings import Effect, Finding, Severity, write

BINARY = Target("binary", ("not fractured", "fractured"), "fractured")
THREE = Target("multiclass", ("glioma", "meningioma", "notumor"))

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><path d="M50 10V250H390" fill="none" stroke="#444"/>
<path d="M50 250C60 100 120 30 390 12" fill="none" stroke="#111" stroke-width="2"/><path d="M50 250L390 10" stroke="#999" stroke-dasharray="4 4"/>
<text x="180" y="285" font-family="sans-serif" font-size="13">1 − specificity</text></svg>"""

STATUS = {"state": "done", "time": "2026-03-02T09:30:00+00:00", "overread": "0.1.0"}

RECIPE = """data: ['table:/data/films.csv?label=label&patient=patient&covariates=body_part']
image: {size: 224, fit: letterbox, scale: weights}
split: {fractions: [0.7, 0.15, 0.15]}
backbone: {name: resnet50, pretrained: true, weights: RadImageNet-ResNet50_notop.pth}
learner:
  kind: finetune
  head: {kind: mlp, hidden: 256, dropout: [0.5, 0.3]}
  augment: radiograph
  balance: weights
  phases:
  - {trains: head, epochs: 10, rate: 0.001}
  - {trains: from layer3, epochs: 30, rate: 0.0001, decay: 0.5, warm_up: 2}
  stop: {'on': auroc, patience: 7}
evaluation: {threshold: youden, calibrate: true, draws: 2000}
seed: 0
"""

PLATT = {"method": "Platt scaling", "slope": 0.91, "bias": [0.0, -0.62], "threshold": 0.4172, "n": 404, "note": ""} | {
    "rule": "largest sensitivity + specificity (Youden)"
}

Entry = dict[str, Any]

BOOTSTRAP, WILSON, NONE = "BCa bootstrap over components", "Wilson with a design effect of 1.4", "none: 7 components behind it, 10 are needed"

VALUES = {
    "binary": {"auroc": 0.8312, "average_precision": 0.7604, "sensitivity": 0.7833, "specificity": 0.8103, "ppv": 0.6912, "npv": 0.8741}
    | {"accuracy": 0.8019, "balanced_accuracy": 0.7968, "f1": 0.7344, "kappa": 0.5711, "mcc": 0.5738, "brier": 0.1432, "log_loss": 0.4423}
    | {"ece": 0.0611, "calibration_slope": 0.9213, "calibration_intercept": -0.1127},
    "multiclass": {"auroc": 0.9412, "average_precision": 0.9104, "accuracy": 0.8519, "balanced_accuracy": 0.8468, "f1_macro": 0.8444}
    | {"f1_weighted": 0.8511, "kappa": 0.7711, "mcc": 0.7738, "brier": 0.2132, "log_loss": 0.3923, "ece": 0.0711},
}
OF_A_CLASS = ("auroc", "average_precision", "sensitivity", "specificity", "ppv", "npv", "f1")
OF_A_GROUP = ("auroc", "sensitivity", "specificity")
CONFUSION = {"binary": [[237, 55], [26, 94]], "multiclass": [[120, 18, 6], [14, 112, 10], [4, 9, 119]]}


def figure(value: float, half: float | None = 0.05, method: str = BOOTSTRAP) -> Entry:
    """A value with an interval of that half width; None for no interval."""
    if half is None:
        return {"value": value, "low": None, "high": None, "method": NONE}
    return {"value": value, "low": round(value - half, 4), "high": round(value + 0.9 * half, 4), "method": method}


def figures(kind: str, shift: float = 0.0, half: float | None = 0.05, names: tuple[str, ...] = ()) -> Entry:
    chosen = {name: value for name, value in VALUES[kind].items() if name in names or not names}
    return {name: figure(round(value + shift, 4), half, WILSON if name == "sensitivity" else BOOTSTRAP) for name, value in chosen.items()}


def entry(target: Target, shift: float = 0.0, half: float | None = 0.05, times: int = 1) -> Entry:
    """What `evaluate` says of one split of 412 images, or some times as many."""
    binary = target.kind == "binary"
    confusion = (times * np.array(CONFUSION[target.kind])).tolist()
    part = {"n": 144, "clusters": 60}
    groups = {"wrist": (0.02, 0.07, 53), "ankle": (-0.04, 0.09, 46), "shoulder": (0.01, 0.12, 26), "hip": (-0.1, None, 9)}
    levels = {name: {"n": 3 * k, "clusters": k, "metrics": figures("binary", move, wide, OF_A_GROUP)} for name, (move, wide, k) in groups.items()}
    classes = {name: {**part, "metrics": figures("binary", 0.04 + 0.03 * i, 0.04, OF_A_CLASS)} for i, name in enumerate(target.classes)}
    return {
        "unit": "image",
        "n": 412 * times,
        "clusters": 180 * times,
        "unknown_truth": 0,
        "prevalence": {name: sum(row) / 412 / times for name, row in zip(target.classes, confusion, strict=True)},
        "grade": "copy-safe (patients unknown)",
        "metrics": figures(target.kind, shift, half),
        "at_half": figures(target.kind, shift - 0.013, half),
        "classes": {} if binary else classes,
        "classes_order": list(target.classes),
        "confusion": confusion,
        "subgroups": {"body_part": levels} if binary else {},
        "decision": PLATT if binary else {**PLATT, "method": "temperature and class bias", "threshold": None, "rule": "likeliest class"},
    }


def catalog(target: Target, n: int = 600) -> Catalog:
    draw = np.random.default_rng(0)
    patient = draw.integers(0, n // 3, n)
    classes = np.asarray(target.classes)
    split = np.select([patient % 20 < 14, patient % 20 < 17], ["train", "val"], "test")
    frame = pd.DataFrame(
        {
            "row": [str(i) for i in range(n)],
            "image": [f"PAT-{p:04d} Müller_{i}.png" for i, p in enumerate(patient)],
            "file": [f"/films/PAT-{p:04d} Müller_{i}.png" for i, p in enumerate(patient)],
            "label": classes[(patient * 7 % 10 >= 7).astype(int) if len(classes) == 2 else patient % 3],
            "patient": [f"PAT-{p:04d}" for p in patient],
            "source": "films.csv",
            "split": split,
            "component": [f"c{p:03d}" for p in patient],
            "why": [f"{s}: component of {2 + p % 4} rows joined by patient" for s, p in zip(split, patient, strict=True)],
            "body_part": np.asarray(["wrist", "ankle", "shoulder", "hip"])[patient % 4],
            "fact:width": draw.integers(400, 2000, n),
            "fact:height": draw.integers(400, 2400, n),
            "fact:format": np.where(draw.random(n) < 0.8, "JPEG", "PNG"),
            "fact:mode": "L",
        }
    )
    copies = frame.index % 23 == 5
    frame.loc[copies, "copy_of"] = "0"
    frame.loc[copies, "why"] = "copy of row 0, counted once"
    torn = frame.index % 97 == 3
    frame.loc[torn, ["split", "why", "copy_of"]] = ["", "conflicting labels: same pixels as row 9, labelled a and b", ""]
    return Catalog(frame, {"label": target}, ["body_part"], "table:/data/films.csv?label=label&patient=patient&covariates=body_part")


def put(folder: Path, name: str, content: Any) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    """Make a whole run folder of a target, binary by default."""

    def make(target: Target = BINARY, name: str = "fracture-a", n: int = 600) -> Path:
        return run_folder(tmp_path / name, target, n)

    return make


@pytest.fixture
def external(tmp_path: Path) -> Callable[..., Path]:
    """Make the folder of an evaluation on other data, below a run if one is given."""

    def make(run: Path | None = None) -> Path:
        return external_folder((run or tmp_path) / "external" / "north-3f9a", BINARY)

    return make


@pytest.fixture
def predictions_only(tmp_path: Path) -> Path:
    """The folder of `evaluate --predictions`: no model, no recipe, no catalog."""
    folder = tmp_path / "anyones"
    put(folder, "status.json", STATUS)
    put(folder, "metrics.json", {"test": {"label": {**entry(BINARY), "subgroups": {}, "decision": None}}})
    put(folder, "figures/roc.svg", SVG)
    put(folder, "figures.json", [{"file": "figures/roc.svg", "title": "ROC", "caption": "As given.", "target": "label"}])
    write([Finding("calibration", "run", Severity.LOW, False, "Probabilities are too extreme.")], folder / "findings.json")
    return folder


def external_folder(folder: Path, target: Target) -> Path:
    put(folder, "status.json", STATUS)
    parts = {"external": (-0.05, 0.04, 2), "external_recalibrated": (-0.04, 0.05, 1), "external_same_rows": (-0.06, 0.05, 1)}
    put(folder, "metrics.json", {part: {"label": entry(target, *how)} for part, how in parts.items()})
    return folder


def run_folder(folder: Path, target: Target, n: int = 600) -> Path:
    """Every file of a finished run."""
    put(folder, "status.json", STATUS)
    put(folder, "recipe.yaml", RECIPE)
    put(folder, "test_reads.json", ["2026-03-02T09:29:00+00:00"])
    catalog(target, n).save(folder / "catalog.parquet")
    reasons = ["the file is cut off"] * 9 + ["the file is empty"] * 3
    rejected = [{"row": str(n + i), "image": f"PAT-9{i:03d} broken.png", "reason": reason} for i, reason in enumerate(reasons)]
    pd.DataFrame(rejected).to_csv(folder / "rejected.csv", index=False)
    folds = [{"repeat": 0, "fold": i, "name": f"fold {i + 1} of 5", "n": 82, "clusters": 36} for i in range(5)]
    folds = [{**fold, "metrics": figures(target.kind, 0.02 * (fold["fold"] - 2), None)} for fold in folds]
    put(folder, "metrics.json", {"val": {"label": entry(target, 0.012, 0.06)}, "test": {"label": {**entry(target), "folds": folds}}})
    _findings(folder)
    _split(folder, target)
    _covariates(folder)
    _pictures(folder, target)
    _model(folder)
    return folder


def _findings(folder: Path) -> None:
    torn = "3 images carry two labels in 7 rows; none of these rows is trained on or scored."
    again = Effect("share of rows that repeat another's pixels", 0.0433, n=600)
    found = [
        Finding("repeated-pixels", "data", Severity.LOW, False, "26 of 600 rows repeat the pixels of another; each image counts once.", again),
        Finding("conflicting-labels", "data", Severity.HIGH, False, torn, remedy="Look at these rows and keep one label for each image."),
        Finding("published-split", "data", Severity.INFO, True, "No image of the published test is also in its train."),
        Finding("markers", "data", Severity.INFO, None, "Burned-in text was not looked for."),
    ]
    write(found, folder / "findings.json")


def _split(folder: Path, target: Target) -> None:
    why = {"train: component of 3 rows joined by patient": 140, "train: component of 2 rows joined by patient": 90, "test: alone": 60}
    told = {
        "grade": "copy-safe (patients unknown)",
        "way": "fresh split by component",
        "leaked_share": 0.0,
        "protects": "No identical image, and nothing the table says belongs together, is on both sides: the score cannot rest on a file seen before.",
        "not_protects": "Patients are not known for every image: one patient may be on both sides, and the score better than for new patients.",
        "why_counts": {**why, "copy of row 0, counted once": 26},
    }
    put(folder, "split.json", told)
    band = {"assumed": 0.85, "low": 0.79, "high": 0.91}
    planned = {"components": 180, "positive": 52, "negative": 128, "auroc": band, "sensitivity": band, "specificity": None}
    expected = {"label": dict.fromkeys([target.positive] if target.positive else target.classes, planned)}
    sentence = "label: with 180 test groups (52 'fractured') an AUROC of 0.85 will carry an interval of about ±0.06."
    put(folder, "sample_size.json", {"table": [], "expected": expected, "sentences": [sentence]})


def _covariates(folder: Path) -> None:
    each = [{"covariate": name, **figure(value)} for name, value in (("body_part", 0.593), ("fact:width", 0.571), ("fact:bytes", 0.612))]
    image = {"scored": 412, "without_image": figure(0.6534), "with_image": figure(0.8021), "added": figure(0.1487, 0.04), "image": figure(0.8255)}
    columns = {"n": 568, "components": 188, "columns": ["body_part", "fact:width", "fact:bytes"], "constant": ["fact:mode"]}
    sentence = "Without the image, body_part and the file's width and bytes tell label little. The image tells more than covariates do."
    put(folder, "covariates.json", {"label": {**columns, "baseline": figure(0.6421), "each": each, **image, "sentence": sentence}})


def _pictures(folder: Path, target: Target) -> None:
    titles = {"roc": "ROC curve", "pr": "Precision and recall", "reliability": "Reliability", "decision": "Decision curve"}
    caption = "Test images; the band is the 95% interval over components."
    for stem in titles:
        put(folder, f"figures/{stem}.svg", SVG)
    put(
        folder,
        "figures.json",
        [{"file": f"figures/{stem}.svg", "title": title, "caption": caption, "target": "label"} for stem, title in titles.items()],
    )
    draw, wrong = np.random.default_rng(1), []
    (folder / "figures" / "mistakes").mkdir(exist_ok=True)
    for i in range(8):
        film = 90 + 60 * np.sin(np.linspace(0, 6, 96))[:, None] + draw.normal(0, 18, (96, 96))
        picture = f"figures/mistakes/{i}.png"
        Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(folder / picture)
        truth, called = (target.classes[0], target.classes[-1]) if i % 2 else (target.classes[-1], target.classes[0])
        wrong.append({"row": str(17 * i + 3), "target": "label", "truth": truth, "decision": called, "p": 0.97 - 0.01 * i, "picture": picture})
    put(folder, "mistakes.json", wrong)
    _heat(folder, wrong)


def _heat(folder: Path, mistakes: list[Entry]) -> None:
    """Three of the mistakes, the last one as if it were a right call whose map is zero."""
    spoken = {"network": "classifier", "score": 1.25, "top": 0.4321, "layer": "layer4"}
    maps = [
        {**case, **spoken, "class": case["decision"], "kind": kind, "film": case["picture"], "peak": peak, "mean": peak / 4}
        for case, kind, peak in zip(mistakes, ("mistake", "mistake", "certain"), (0.4321, 0.2, 0.0), strict=False)
    ]
    told = {"method": "grad-cam", "title": "Grad-CAM", "layer": "layer4", "tops": {"label": 0.4321}, "note": "", "maps": maps}
    put(folder, "heat.json", told)


def _model(folder: Path) -> None:
    stages = [{"name": "layer4", "layers": 30, "parameters": 14964736, "trainable": 14964736}]
    told = {
        "kind": "finetune",
        "backbone": {"name": "resnet50", "origin": "file RadImageNet-ResNet50_notop.pth", "sha256": "ab" * 32},
        "head": {"kind": "mlp", "hidden": 256, "dropout": [0.5, 0.3]},
        "preprocess": {"size": 224, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        "image": {"size": 224, "fit": "letterbox"},
        "summary": {"parameters": 24033089, "trainable": 22000000, "features": 2048, "stages": stages},
    }
    put(folder, "model/model.json", told)
    put(folder, "model/decision.json", {"label": PLATT})
    hardware = {"system": "Linux", "machine": "x86_64", "processor": "some processor", "cores": 2, "threads": 2}
    versions = {"python": "3.11.9", "overread": "0.1.0", "torch": "2.13.0", "timm": "1.0.31", "numpy": "2.2.0"}
    put(folder, "environment.json", {"versions": versions, "hardware": hardware, "seed": 0, "hashes": {"weights": "ab" * 32, "data": "cd" * 32}})
    lines = []
    for epoch in range(1, 25):
        fade, second = float(np.exp(-epoch / 8)), epoch > 10
        where = {"time": "2026-03-02T09:00:00+00:00", "phase": 1 + second, "trains": "from layer3" if second else "head", "epoch": epoch}
        learnt = {"train_loss": 0.35 + 0.34 * fade, "val_loss": 0.43 + 0.25 * fade, "val_auroc": 0.86 - 0.26 * fade}
        lines.append({**where, **learnt, "rate": 1e-3, "images_per_second": 44.0 - 20 * second, "seconds": 9.0 + 8 * second, "best": epoch != 20})
    put(folder, "log.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
