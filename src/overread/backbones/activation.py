"""GELU or QuickGELU: weights fit networks with either, and the wrong one gives other features without a word.

OpenAI's CLIP was trained with QuickGELU, x * sigmoid(1.702 x), most of OpenCLIP's with GELU. Tensors do not tell; what stands beside
them often does.
"""

import json
from pathlib import Path
from typing import Any

from torch import nn

from overread.backbones.design import facts
from overread.backbones.formats.base import Tensors
from overread.backbones.formats.hf_clip import HF_CLIP
from overread.backbones.formats.hf_dinov2 import HF_DINOV2
from overread.backbones.torchvision import timm
from overread.errors import UserError

WORDS = {"quick_gelu": "QuickGELU", "gelu": "GELU"}


def check_name(name: str) -> None:
    """Refuse a timm name that runs GELU on weights trained with QuickGELU, where timm has the other.

    Raises
    ------
    UserError
        There is a name with QuickGELU for these weights; it is named.
    """
    notes = facts(name).notes or ()
    other = name.replace("_clip_", "_clip_quickgelu_")
    if "quickgelu" in name or not any("natively QuickGELU" in note for note in notes) or not timm.is_model(other):
        return
    raise UserError(f"{name} computes GELU on weights that were trained with QuickGELU", "backbone.name", f"name {other}")


def check_file(file: Path, tensors: Tensors, network: nn.Module, name: str) -> None:
    """Refuse weights whose file, or the description that lies beside it, tells of another activation than the network's.

    Raises
    ------
    UserError
        They differ, or the description cannot be read.
    """
    told = _told(file, tensors)
    computed = WORDS["quick_gelu" if any(isinstance(module, timm.layers.activations.QuickGELU) for module in network.modules()) else "gelu"]
    if told is None or WORDS.get(told, told) == computed:
        return
    raise UserError(f"these weights were trained with {WORDS.get(told, told)}; {name} computes {computed}", str(file), _others(name, told))


def _others(name: str, activation: str) -> str:
    """Towers of the same shape with that activation, in words."""
    plain = name.partition(".")[0].replace("_quickgelu", "")
    towers = timm.list_pretrained(f"{plain.replace('_clip_', '_clip_quickgelu_') if activation == 'quick_gelu' else plain}.*")
    known = [tower for tower in towers if "_ft_" not in tower]
    return f"name a tower with it: {', '.join(known)}" if known else "name a network with it"


def _told(file: Path, tensors: Tensors) -> str | None:
    """The activation, by Hugging Face's name; None where nothing tells."""
    if HF_CLIP.recognise(tensors):
        told = _json(file.parent / "config.json")
        return None if told is None else str(told.get("vision_config", told).get("hidden_act", "quick_gelu"))
    if HF_DINOV2.recognise(tensors):
        told = _json(file.parent / "config.json")
        return None if told is None else str(told.get("hidden_act", "gelu"))
    if "visual.class_embedding" not in tensors:
        return None
    if "input_resolution" in tensors:  # OpenAI's own archives hold it, and nobody else's
        return "quick_gelu"
    told = _json(file.parent / "open_clip_config.json")
    return None if told is None else "quick_gelu" if told.get("model_cfg", {}).get("quick_gelu") else "gelu"


def _json(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(content.get(key, {}), dict) for key in ("vision_config", "model_cfg")):
        raise UserError("the description beside the weights cannot be read", str(path), "fetch it again, or move the weights away from it")
    return content
