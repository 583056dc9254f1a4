"""What stands on a network's pooled features."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from overread.recipe import Strict

Share = Annotated[float, Field(ge=0, lt=1)]


class Head(Strict):
    """What stands on the pooled features.

    ``linear`` is dropout -> output; ``mlp`` is dense -> ReLU -> dropout -> output, with a dropout before the dense layer as well if
    two are given.
    """

    kind: Literal["linear", "mlp"] = "linear"
    hidden: Annotated[int, Field(ge=1)] = 256
    dropout: Annotated[tuple[Share, ...], Field(min_length=1, max_length=2)] = (0.2,)
    link: Literal["softmax", "sigmoids"] = "softmax"
    """`sigmoids`: each class has a sigmoid of its own, and a picture's are divided by their sum."""
    unit: bool = False
    """The pooled features of a picture are divided by their length first, so that a dense layer gives cosines."""

    @model_validator(mode="after")
    def one_layer(self) -> "Head":
        if self.kind == "linear" and len(self.dropout) > 1:
            raise ValueError("a linear head has room for one dropout; two need kind: mlp")
        return self
