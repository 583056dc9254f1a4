"""How a head was solved, from the run's log: what each strength was worth on held-out components, and how much data was worth."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from overread.evaluation.figures.course import PLACES, tabulate
from overread.report.folder import Folder
from overread.report.pictures import embed
from overread.report.show import counted

MEANT = {
    "logreg": "the inverse strength C of the penalty: the larger, the freer",
    "svm": "C, what a violated margin costs: the larger, the freer",
    "mlp": "the weight decay alpha: the larger, the tamer",
    "knn": "the number k of neighbours",
    "xgboost": "the number of rounds",
}
"""What a strength is, by head."""

HEADS = {
    "logreg": "a logistic regression",
    "svm": "a linear support vector machine with sigmoid calibration",
    "mlp": "a multilayer perceptron",
    "knn": "a vote of the nearest neighbours",
    "xgboost": "a forest of gradient-boosted trees (XGBoost)",
}


INSIDE = {"late-fusion": "image", "cascade": "expert"}
"""Where the options of the head stand of a learner that holds others, by its kind."""


@dataclass(frozen=True)
class Solved:
    """What the log says of a head that was solved.

    Attributes
    ----------
    head, scale, strength : what it is, what its features went through, and what its strength means
    models : how many were solved
    parts : the networks of the model that is kept, where it has several; rows of `tried` and `few` then tell their `part`
    tried : strength, held-out log loss and whether it was chosen, of the model that is kept
    few : share, components, draws, lowest, mean and highest AUROC on validation
    engines : a sentence a network on how its features were read
    pictures : title, caption and the picture itself of each that was drawn
    """

    head: str
    scale: str
    strength: str
    models: int
    parts: list[str]
    tried: list[dict[str, Any]]
    few: list[dict[str, Any]]
    engines: list[str]
    pictures: list[tuple[str, str, str]]


def solved(folder: Folder) -> Solved | None:
    """How the head of a run came about; None where none was solved."""
    table = tabulate(folder.log, "strength")
    if not len(table):
        return None
    learner = folder.recipe.get("learner", {})
    options = learner.get(INSIDE.get(str(learner.get("kind")), ""), learner)
    places = [name for name in PLACES if name in table]
    splits = [name for name in places if name != "part"]
    last = table[table[splits].isna().all(axis=1)] if splits else table
    few = tabulate(folder.log, "few-shot")
    drawn = [
        ("strengths.svg", "Strengths", "Log loss on held-out components of train against the strength; the ring is the one that was taken."),
        (
            "few-shot.svg",
            "How much data is worth",
            "AUROC on the validation images (macro over classes) of heads solved on a share of the training components, each dot one draw of them, "
            "the line their means. Where it still rises, more patients would help. Draws overlap, and the validation images are the same for all.",
        ),
    ]
    pictures = [(title, caption, embed(folder.path, f"figures/{file}")) for file, title, caption in drawn]
    head = str(options.get("head", ""))
    return Solved(
        head=HEADS.get(head, head),
        scale={"standardise": "standardised", "whiten": "whitened"}.get(str(options.get("scale")), "as they are"),
        strength=MEANT.get(head, "its strength"),
        models=len(table[places].drop_duplicates()) if places else 1,
        parts=last["part"].drop_duplicates().tolist() if "part" in last else [],
        tried=_rows(last if len(last) else table),
        few=_shares(few) if len(few) else [],
        engines=_engines(folder.json("model/model.json", {}).get("engine", {})),
        pictures=[(title, caption, uri) for title, caption, uri in pictures if uri],
    )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _shares(few: pd.DataFrame) -> list[dict[str, Any]]:
    grouped = few.groupby([name for name in ("part", "share") if name in few], sort="part" not in few).agg(
        components=("components", "mean"), draws=("draw", "size"), lowest=("auroc", "min"), mean=("auroc", "mean"), highest=("auroc", "max")
    )
    return _rows(grouped.reset_index())


def _engines(told: dict[str, Any]) -> list[str]:
    """A sentence a network, and one on what that does to the answers."""
    said, checked = [], 0
    for entry in told.get("networks", []):
        checked = max(checked, entry.get("checked", 0))
        seen = f", at most {entry.get('distance') or 0:.1g} in cosine distance from torch in float32 on {counted(entry.get('checked', 0), 'image')}"
        refused = "".join(f"; {engine} was refused: {why}" for engine, why in entry.get("refused", {}).items())
        said.append(f"{entry['name']}: features by {entry['engine']}{seen if entry.get('checked') else ''}{refused}.")
    if checked:
        said.append(
            f"On those images the engine moves a probability by {told['largest_difference']:.1g} at most, {told['mean_difference']:.1g} on average."
        )
    return said
