"""From a split catalog and a recipe to a cascade: the router, the pooled expert, then an expert a part."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overread.catalog import Catalog
from overread.errors import UserError
from overread.learners.base import describe, load
from overread.learners.cascade.kept import fingerprint, train
from overread.learners.cascade.members import EXPERT, POOLED, ROUTER, Members, folder_names
from overread.learners.cascade.model import CascadeModel
from overread.learners.cascade.options import Options
from overread.learners.cascade.parts import Part, look
from overread.learners.network.start import Start
from overread.learners.network.task import Task
from overread.progress import note
from overread.recipe import Recipe
from overread.run import Workspace


@dataclass(frozen=True)
class _Plan:
    """What every member's training shares."""

    recipe: Recipe
    workspace: Workspace
    seed: int


def fit(catalog: Catalog, recipe: Recipe, workspace: Workspace, seed: int) -> CascadeModel:
    """Train the members one after the other, each in a corner of the workspace; those that are finished are not trained again.

    The router learns from the rows whose part is known, the pooled expert from all rows with a label, an expert from those of its part.
    Every member has a seed of its own, from `seed` and its name. Members are not kept in memory: the cascade reads them when it is asked.

    Raises
    ------
    UserError
        The data do not ask for the part, train has one part only, or what a member's learner raises.
    """
    options = Options.model_validate(recipe.learner)
    main, part = _questions(catalog, options)
    parts = look(catalog, main, part, options)
    answering = {one.name: POOLED if one.why else EXPERT + one.name for one in parts}
    named = folder_names([ROUTER, POOLED, *(EXPERT + one.name for one in parts if not one.why)])
    for one in parts:
        if one.why:
            note(f"{one.name}: {one.why}; the pooled expert answers for it")
    plan = _Plan(recipe, workspace, seed)
    folders = {ROUTER: _train(plan, catalog.asking(part.name), ROUTER, named[ROUTER], options.router)}
    asked = catalog.asking(main.name)
    folders[POOLED] = _train(plan, asked, POOLED, named[POOLED], options.expert)
    _check_seen_alike(folders[ROUTER], folders[POOLED])
    begun = fingerprint(folders[POOLED])
    for one in parts:
        if not one.why:
            own, name = asked.only(asked.frame[part.name] == one.name), EXPERT + one.name
            if one.small:
                folders[name] = _train(plan, own, name, named[name], {**options.expert, "start": str(folders[POOLED])}, begun)
            else:
                folders[name] = _train(plan, own, name, named[name], options.expert)
    return _put_together(main, part, parts, answering, options, Members(folders, recipe.runtime.threads))


def _check_seen_alike(router: Path, pooled: Path) -> None:
    """All members are shown the same pixels; a start may have been shown others."""
    if describe(router)["preprocess"] != describe(pooled)["preprocess"]:
        raise UserError(
            "the router and the experts normalise pixels differently",
            "learner.router.start, learner.expert.start",
            "start both from models of one backbone",
        )


def _put_together(main: Task, part: Task, parts: list[Part], answering: dict[str, str], options: Options, members: Members) -> CascadeModel:
    """The cascade of members that are trained; each is looked at once and let go."""
    weights: dict[str, str] = {}
    speaking = []
    for name, folder in members.folders.items():
        model = load(folder)
        weights |= model.weights
        speaking += [name] if model.networks() else []
    return CascadeModel(
        main=main,
        part=part,
        parts=parts,
        answering=answering,
        routing=options.routing,
        abstain=options.abstain,
        fitting=model.fitting,
        preprocess=model.preprocess,
        weights=weights,
        speaking=tuple(speaking),
        precision=model.runtime.precision,
        members=members,
    )


def _questions(catalog: Catalog, options: Options) -> tuple[Task, Task]:
    """The main question and the part's."""
    if options.part not in catalog.targets:
        raise UserError(
            f"the data do not ask {options.part!r}, by which a cascade routes (they ask {', '.join(catalog.targets)})",
            "learner.part",
            f"make the column a further question (table:...?label=...&also={options.part}), read MURA by its own reader (mura:), or name another",
        )
    others = [name for name in catalog.targets if name != options.part]
    if not others:
        raise UserError(f"the data ask {options.part!r} and nothing else", "learner.target", "name a label beside it: the experts need a question")
    main, part = Task.of(catalog, options.target or others[0]), Task.of(catalog, options.part)
    known = catalog.part("train").frame[part.name].dropna().unique()
    if len(known) < 2:
        seen = f"one part only, {known[0]!r}" if len(known) else "no row whose part is known"
        raise UserError(f"train has {seen}", f"target {part.name}", "nothing is to be routed: use the experts' learner alone (learner.kind=finetune)")
    return main, part


def _train(plan: _Plan, catalog: Catalog, member: str, folder: str, learner: dict[str, Any], begun: str = "") -> Path:
    """The folder of a trained member; one that goes on from a model which the recipe names is known by that model's numbers, not by its place."""
    recipe = plan.recipe.model_copy(update={"learner": learner})
    if learner.get("start") and not begun:
        begun = Start.read(learner["start"]).sha256
    return train(catalog, recipe, plan.workspace.inside(folder), derived(plan.seed, member), begun)


def derived(seed: int, member: str) -> int:
    """A member's seed, in [0, 2**31)."""
    return int.from_bytes(hashlib.sha256(f"{seed} {member}".encode()).digest()[:4], "big") >> 1
