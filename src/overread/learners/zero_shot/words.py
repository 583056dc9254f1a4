"""Prompts to points in the space that CLIP's pictures and texts share: its text tower, taken from the same file as its image tower."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from overread.backbones.torchvision import timm  # repairs torchvision before open_clip imports it
from overread.backbones.weights import Weights
from overread.errors import UserError

HEAD = 64
"""Width of an attention head in the text towers of OpenAI and OpenCLIP."""

OWN = ("token_embedding.weight", "positional_embedding", "ln_final.weight", "text_projection", "logit_scale")

QuickGELU = timm.layers.activations.QuickGELU


def embed(weights: Weights, prompts: Sequence[Sequence[str]], quick: bool) -> Tensor:
    """(C, d) float32 of unit length: a class is the mean direction of its prompts (Radford et al. 2021, section 3.1.4).

    Parameters
    ----------
    weights : both towers of a CLIP as OpenAI and OpenCLIP name them
    prompts : for each class some sentences
    quick : whether it computes QuickGELU, as OpenAI's does

    Raises
    ------
    UserError
        open_clip is not installed, the weights hold no such text tower, or a prompt is too long for it.
    """
    clip = _open_clip()
    missing = [name for name in OWN if name not in weights.tensors]
    if missing:
        raise UserError(
            f"no text tower of CLIP is in these weights ({missing[0]} is missing)",
            weights.origin,
            "give the whole CLIP as OpenAI or OpenCLIP saves it, image and text tower in one file",
        )
    tower = _tower(clip, weights, quick)
    tokenizer = clip.SimpleTokenizer(context_length=tower.context_length)
    _check_length(tokenizer, prompts)
    with torch.inference_mode():
        classes = [functional.normalize(functional.normalize(tower(tokenizer(list(each))), dim=-1).mean(0), dim=-1) for each in prompts]
    return torch.stack(classes).clone()


def _open_clip() -> Any:
    try:
        import open_clip
    except ImportError:
        raise UserError(
            "open_clip is not installed, and reads the prompts", "learner.kind=zero-shot", "install it: pip install 'overread[clip]'"
        ) from None
    return open_clip


def _tower(clip: Any, weights: Weights, quick: bool) -> nn.Module:
    """The text tower, of the size that its tensors have."""
    tensors = weights.tensors
    width, out = tensors["text_projection"].shape
    context = len(tensors["positional_embedding"])
    layers = len({name.split(".")[2] for name in tensors if name.startswith("transformer.resblocks.")})
    with torch.random.fork_rng():
        tower: nn.Module = clip.transformer.TextTransformer(
            context_length=context,
            vocab_size=len(tensors["token_embedding.weight"]),
            width=width,
            heads=max(1, width // HEAD),
            layers=layers,
            output_dim=out,
            act_layer=QuickGELU if quick else nn.GELU,
        )
    try:
        tower.load_state_dict({name: tensors[name] for name in tower.state_dict()})
    except (KeyError, RuntimeError) as fault:
        reason = str(fault).splitlines()[-1].strip()[:120]
        raise UserError(f"the text tower of these weights is not CLIP's: {reason}", weights.origin, "give OpenAI's or OpenCLIP's") from None
    return tower.eval()


def _check_length(tokenizer: Any, prompts: Sequence[Sequence[str]]) -> None:
    """A prompt that is too long would be cut off in silence."""
    room = tokenizer.context_length - 2
    for prompt in (prompt for each in prompts for prompt in each):
        if len(tokenizer.encode(prompt)) > room:
            raise UserError(
                f"the prompt {prompt[:50]!r}… is longer than the {room} tokens that CLIP reads", "learner.prompts", "say it in fewer words"
            )
