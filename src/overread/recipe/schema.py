"""What a recipe may say; a learner's own options are checked by the learner's schema, found by name."""

import re
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from overread.errors import nearest
from overread.registry import EXPLANATIONS


class Strict(BaseModel):
    """A schema that refuses unknown keys and never changes after it was checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dicom(Strict):
    """Which steps lead from a DICOM file's stored values to grey levels; see `overread.imaging.dicom.view.View`.

    `modality`, `voi` and `invert`: not given, as the file says; true, it must be there; false, never.
    """

    modality: bool | None = None
    voi: bool | None = None
    window: Annotated[int, Field(ge=1)] = 1
    invert: bool | None = None


class Image(Strict):
    """How a decoded image becomes what the network sees."""

    size: Annotated[int, Field(ge=16, le=4096)] | None = None
    """Edge of the square in pixels; the weights' own size if not given."""
    fit: Literal["letterbox", "squash", "crop"] = "letterbox"
    scale: Literal["weights", "unit"] = "weights"
    """`weights`: mean and std that the weights were trained with; `unit`: [0, 1]."""
    dicom: Dicom = Dicom()


CONDITION = re.compile(r"\s*([^=<>]+?)\s*(>=|<=|=|>|<)\s*([^=<>]+?)\s*")
"""What `split.hold_out` is made of: a column, how it is compared, and a value."""


class Split(Strict):
    """Which rows are learnt from and which are scored."""

    fractions: tuple[float, float, float] = (0.70, 0.15, 0.15)
    folds: Annotated[int, Field(ge=2, le=50)] | None = None
    repeats: Annotated[int, Field(ge=1, le=100)] = 1
    leave_site_out: bool = False
    hold_out: tuple[str, ...] = ()
    """What test is made of, as `site=A` or `date>=2021-01-01`, all of one column; see `overread.partition.hold_out`."""
    published: bool = False
    repair: Literal["drop-from-train", "move"] | None = None
    """What becomes of components that the published split has in two parts."""
    extend: str | None = None
    """A table that `overread split` wrote, whose rows stay where they are."""
    near_copies: bool = True
    """Whether copies that were turned, mirrored, rescaled or otherwise altered are sought in the pixels and kept together."""

    @field_validator("hold_out", mode="before")
    @classmethod
    def one_or_several(cls, conditions: Any) -> Any:
        return (conditions,) if isinstance(conditions, str) else conditions

    @model_validator(mode="after")
    def one_way(self) -> "Split":
        several = {"folds": self.folds, "leave_site_out": self.leave_site_out}
        single = {"hold_out": self.hold_out, "published": self.published, "extend": self.extend}
        ways = [name for name, on in {**several, **single}.items() if on]
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(ways)} are different ways to split; choose one")
        if self.hold_out:
            _one_question(self.hold_out)
        if self.repeats > 1 and not self.folds:
            raise ValueError("repeats needs folds")
        if self.repair and not self.published:
            raise ValueError("repair mends the split that the data came with: ask for that too (published)")
        if not (min(self.fractions) > 0 and abs(sum(self.fractions) - 1) < 1e-6):  # so that nan is refused, too
            raise ValueError(f"fractions are the shares of train, val and test: three positive numbers that sum to 1, not {self.fractions}")
        return self


def _one_question(conditions: tuple[str, ...]) -> None:
    """Refuse conditions that are none, or that ask of two columns, or for a value and a range at once."""
    parsed = [CONDITION.fullmatch(condition) for condition in conditions]
    for condition, found in zip(conditions, parsed, strict=True):
        if found is None:
            raise ValueError(f"hold_out takes column=value or column>=value, not {condition!r}")
    asked = {(found.group(1), found.group(2) == "=") for found in parsed if found}
    if len(asked) > 1:
        raise ValueError("hold_out asks one thing: values of one column (site=A, site=B), or a range of one (date>=2021)")


class Backbone(Strict):
    """The network below the head, where its weights come from, and how it pools: `own`, as its authors do, tokens or stages."""

    name: str = "efficientnet-lite0"
    pretrained: bool = True
    weights: str | None = None
    """A file, absolute or in `OVERREAD_WEIGHTS`; without it that folder, a package or the hub is asked."""
    pool: Literal["own", "token", "token+mean", "mean", "stages"] = "own"
    beside: tuple["Backbone", ...] = ()
    """Further backbones, with none beside them, that see the same picture; their features stand after this one's."""


class TargetSensitivity(Strict):
    sensitivity: Annotated[float, Field(gt=0, lt=1)]


class Evaluation(Strict):
    """What is made of the predictions."""

    unit: Literal["image", "study", "patient"] = "image"
    """What one decision is made of and one case is counted as."""
    pool: Literal["mean", "max", "noisy-or", "learned"] = "mean"
    """How the probabilities of a unit's images become one; `learned` chooses a place between mean and max on validation."""
    threshold: Literal["youden"] | TargetSensitivity = "youden"
    calibrate: bool = True
    prevalence: Annotated[float, Field(gt=0, lt=1)] | None = None
    """PPV and NPV are also stated at this prevalence."""
    draws: Annotated[int, Field(ge=200, le=100_000)] = 2000


class Explain(Strict):
    """How the report's heat maps are made."""

    method: str = "grad-cam"
    layer: str | None = None
    """A module of the network, as `layer3.1`; the last that gives a map of the picture if not given."""

    @field_validator("method")
    @classmethod
    def known(cls, method: str) -> str:
        if method not in EXPLANATIONS.names():
            raise ValueError(f"no such explanation; {nearest(method, EXPLANATIONS.names())}")
        return method


class Runtime(Strict):
    """What changes the speed, not the idea."""

    threads: Annotated[int, Field(ge=1)] | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"


class Recipe(Strict):
    """A resolved recipe; `learner` holds the options of the learner that `learner.kind` names, and nothing where nothing is learnt."""

    data: list[str] = []
    image: Image = Image()
    split: Split = Split()
    backbone: Backbone = Backbone()
    learner: dict[str, Any] = {"kind": "finetune"}
    evaluation: Evaluation = Evaluation()
    explain: Explain = Explain()
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    runtime: Runtime = Runtime()

    def dump(self) -> str:
        """The recipe as YAML that `load` reads back to an equal one."""
        return yaml.safe_dump(self.model_dump(mode="json", exclude_none=True), sort_keys=False, allow_unicode=True)
