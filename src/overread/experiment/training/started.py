"""What a training that goes on from another model must know: that the other one has not seen what this run is scored on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from overread.backbones.create import Trunk, create
from overread.catalog import Catalog
from overread.findings import Effect, Finding, Severity
from overread.learners.network.start import Start
from overread.recipe import Recipe
from overread.run import Run

LEARNT = ("train", "val")


def trunk_of(recipe: Recipe) -> Trunk:
    """The network below the head: from the model that the learner starts from, where it names one, else the recipe's backbone."""
    start = recipe.learner.get("start")
    return Start.read(start).trunk(recipe.backbone, recipe.image) if start else create(recipe.backbone, recipe.image)


def on_start(recipe: Recipe, catalog: Catalog, scored: pd.Series) -> list[Finding]:
    """Whether a model that training starts from learnt from images, or patients, that are scored here; nothing where it starts from none.

    Parameters
    ----------
    catalog : scanned
    scored : (n,) bool, the rows that are scored, in some fold or in the one test part
    """
    here = catalog.frame[scored.to_numpy(dtype=bool)]
    return [_on(Path(start).expanduser(), member, here) for member, start in _starts(recipe.learner)]


def _starts(learner: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What starts from a model, in words, and that model's folder: the learner itself, or members of a cascade."""
    members = {"training": learner, "the router": learner.get("router", {}), "every expert": learner.get("expert", {})}
    return [(member, told["start"]) for member, told in members.items() if "start" in told]


def _on(start: Path, member: str, here: pd.DataFrame) -> Finding:
    learnt = _learnt(start)
    if learnt is None:
        unknown = f"What the model that {member} starts from had learnt from is not known: it may have seen images that are scored here."
        return Finding("start", "data", Severity.HIGH, None, unknown, remedy="Start from a run of this house: its folder says what it learnt from.")
    seen = here["pixel_sha"].isin(learnt["pixel_sha"]) | (_person(here).isin(_person(learnt)) & (here["patient"] != ""))
    effect = Effect("share of scored images that the start learnt from", float(seen.mean()) if len(here) else 0.0, n=len(here))
    if not seen.any():
        clear = f"The model that {member} starts from learnt from no image or patient scored here."
        return Finding("start", "data", Severity.INFO, True, clear, effect)
    sentence = f"The model that {member} starts from learnt from {seen.sum():,} of the {len(here):,} scored images, or from their patients."
    mend = "Start from a run with the same split (split.extend, a benchmark), or from the pretrained backbone."
    return Finding("start", "data", Severity.LEAK, False, sentence, effect, remedy=mend)


def _learnt(start: Path) -> pd.DataFrame | None:
    """The rows that a start was fitted or chosen by, if it lies in a run that says so."""
    folder = start if (start / "status.json").is_file() else start.resolve().parent
    if not (folder / "catalog.parquet").is_file():
        return None
    frame = Run.open(folder).catalog.frame
    rows = frame[frame["split"].isin(LEARNT)]
    return rows if len(rows) else None


def _person(frame: pd.DataFrame) -> pd.Series:
    """Patients are told apart within their source."""
    return frame["source"].astype("str") + "\n" + frame["patient"].astype("str")
