"""A model trained elsewhere as a run folder: it can be evaluated, explained and asked like any other, and learnt nothing here."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from overread.backbones.machine import threads
from overread.catalog import Catalog, Target, nameable
from overread.errors import UserError
from overread.experiment.answers.judge import as_given
from overread.experiment.result import Result
from overread.findings import Finding, Severity
from overread.findings import write as write_findings
from overread.learners.finetune.adopt import adopt as take_over
from overread.recipe import load
from overread.run import Run, environment, write_json


def adopt(
    checkpoint: Path,
    backbone: str,
    classes: Sequence[str],
    out: Path,
    *,
    target: str = "label",
    positive: str | None = None,
    settings: Iterable[str] = (),
) -> Result:
    """Turn an outside checkpoint into a run folder.

    Parameters
    ----------
    checkpoint : .pth, .pt (tensors alone) or .safetensors of a whole classifier
    backbone : its architecture, e.g. ``resnet50``
    classes : in the order of its outputs; a single output speaks for the second of two
    out : the run folder to make
    target : what it is asked; the label column of data it is to be evaluated on
    positive : the positive one of two classes, where their names do not tell
    settings : ``image.key=value``: the pictures it was trained with

    Raises
    ------
    UserError
        The checkpoint, the backbone and the classes do not belong together, or the output folder is not empty.
    """
    for setting in settings:
        if not setting.startswith("image."):
            raise UserError(f"{setting!r} does nothing here", "--set", "only keys of image apply, e.g. --set image.fit=squash")
    if len(set(classes)) < len(classes):
        raise UserError("a class is named twice", f"--classes {','.join(classes)}", "name each output's class once")
    if len(classes) < 2:
        raise UserError(
            "fewer than two classes", f"--classes {','.join(classes)}", "name each output's; a single output's are the one against, the one for"
        )
    if not nameable(target):
        raise UserError(f"a target cannot be named {target!r}", "--target", "name it as the label column of your data is named")
    recipe = load("default", [*settings, f"backbone.name={json.dumps(backbone)}", "backbone.pretrained=false", "learner={}"])
    asked = _asked(classes, positive)
    with Run.make(out, recipe) as run:
        model = take_over(checkpoint, backbone, recipe.image, classes, target, asked)
        model.save(run.folder / "model")
        note = "the model was trained elsewhere: neither calibrated nor thresholded here"
        write_json(run.folder / "model" / "decision.json", {name: made.to_dict() for name, made in as_given(model.targets, note).items()})
        nothing_seen = pd.DataFrame({"row": [], "image": [], target: []}, dtype="str")
        Catalog(nothing_seen, model.targets).save(run.folder / "catalog.parquet")
        write_json(run.folder / "environment.json", environment(recipe.seed, "cpu", threads(recipe.runtime), model.weights))
        findings = [_strange()]
        write_findings(findings, run.folder / "findings.json")
    preprocess = model.classifier.trunk.preprocess
    return Result(
        content={"run": str(out), "classes": list(asked.classes), "positive": asked.positive, "summary": model.summary.to_dict()},
        words=[
            str(model.summary),
            f"pictures: {model.fitting.size} px, {model.fitting.fit}, mean {preprocess.mean}, std {preprocess.std}; "
            "were they others in its training, say so with --set image.size, image.fit or image.scale",
            f"adopted: {out}; evaluate it with: overread evaluate {out} --data SOURCE",
        ],
        findings=findings,
    )


def _asked(classes: Sequence[str], positive: str | None) -> Target:
    """The target that these classes ask for; a source's ``?positive=`` is an option here."""
    try:
        return Target.infer(pd.Series(classes, dtype="str"), f"--classes {','.join(classes)}", positive)
    except UserError as fault:
        raise UserError(fault.what, fault.where, fault.mend.replace("?positive=", "--positive ")) from None


def _strange() -> Finding:
    """That nobody here knows what the model has seen."""
    return Finding(
        check="adopted",
        subject="run",
        severity=Severity.HIGH,
        passed=None,
        sentence="This model was trained elsewhere: which images and patients it has seen is not known, so memory cannot be told from skill.",
        remedy="Evaluate it on images that were made after it was trained, or at a site that it never saw.",
    )
