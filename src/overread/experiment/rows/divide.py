"""How a run's rows are divided: split once or into folds, read a second time, and said before anything is learnt."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from overread.audit.base import Context
from overread.audit.read import read_data
from overread.catalog import Catalog
from overread.experiment.rows.gather import pairs
from overread.findings import Finding, Severity
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.partition import Fold, folds, grade, on_published, partition, prepare, protection, refit, sample_size
from overread.progress import note
from overread.recipe import Recipe, Split
from overread.run import Run, write_json

REPAIRED = {"drop-from-train": "what is also in test was dropped from train", "move": "components that it cut were moved to one part"}


@dataclass(frozen=True)
class Division:
    """A catalog divided.

    Attributes
    ----------
    catalog : split; with folds, the split of the model that is kept
    every : the folds, none where there is one split
    findings : on the split, and those of the data audit's cheap part
    grade : what the split protects against
    way : how it was made, in words
    """

    catalog: Catalog
    every: list[Fold]
    findings: list[Finding]
    grade: str
    way: str

    @property
    def leak(self) -> float | None:
        """The share of test images that a leak touches, None where there is none."""
        return next((found.effect.value for found in self.findings if found.severity is Severity.LEAK and found.effect), None)


def divide(found: Catalog, links: pd.DataFrame, rejected: pd.DataFrame, recipe: Recipe, fitting: Fitting) -> Division:
    """Divide a scanned catalog as its recipe says, near-copies kept together.

    Parameters
    ----------
    found : as read and scanned
    links : near-copies, see `overread.duplicates.find`
    rejected : the rows that could not be read
    fitting : of the pictures

    Raises
    ------
    UserError
        A class has too few components for the parts, or what the plan names is not there.
    """
    plan, linked = recipe.split, pairs(links)
    if plan.folds or plan.leave_site_out:
        every = list(folds(found, plan, recipe.seed, linked))
        catalog = refit(found, plan, recipe.seed, linked)
        findings = [*prepare(found, linked).findings, *on_published(catalog, plan)]
    else:
        every = []
        catalog, findings = partition(found, plan, recipe.seed, linked)
    scored = every[0].catalog if every else catalog
    texts = tuple(recipe.learner.get("text", ()))
    context = Context(
        scored,
        links,
        rejected,
        Pictures(scored.frame, fitting, Cache()),
        draws=recipe.evaluation.draws,
        seed=recipe.seed,
        read=(*recipe.learner.get("columns", ()), *texts),
        texts=texts,
    )
    return Division(catalog, every, [*findings, *read_data(context, cheap=True)], grade(scored), _way(plan))


def announce(run: Run, made: Division, answered: Iterable[str]) -> None:
    """Say how rows were divided, what that protects against, and how sure the figure of what is answered can be; and write it."""
    plan = run.recipe.split
    planned = sample_size(made.catalog.asking(*answered), ("train", "val") if made.every else ("test",))
    against, beyond = protection(made.grade, plan.leave_site_out, plan.near_copies)
    why = made.catalog.frame["why"].str.replace(r"row [^,\s]+", "another row", regex=True).str.replace(r"of \d+ rows", "of several rows", regex=True)
    told = {"way": made.way, "grade": made.grade, "protects": against, "not_protects": beyond, "leaked_share": made.leak}
    write_json(run.folder / "split.json", {**told, "folds": [fold.name for fold in made.every], "why_counts": why.value_counts().to_dict()})
    write_json(run.folder / "sample_size.json", planned)
    for sentence in planned["sentences"]:
        note(sentence)


def _way(plan: Split) -> str:
    if plan.leave_site_out:
        return "leave one site out"
    if plan.folds:
        return f"{plan.folds}-fold cross-validation by component{f', {plan.repeats} times' if plan.repeats > 1 else ''}"
    if plan.published:
        return f"the published split, repaired: {REPAIRED[plan.repair]}" if plan.repair else "the published split"
    if plan.hold_out:
        return f"held out for test: {', '.join(plan.hold_out)}"
    return "an earlier split, extended" if plan.extend else "one fresh split by component"
