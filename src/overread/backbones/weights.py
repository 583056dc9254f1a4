"""Pretrained tensors: found in a file or a folder, read without running anything, and fitted to a network or refused."""

import hashlib
import os
import pickle
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from overread.backbones.formats.translate import translated
from overread.backbones.looks_like import looks_like
from overread.errors import UserError
from overread.run import sha256

FILES = (".safetensors", ".pth", ".pt", ".bin")

NOT_TENSORS = (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, OSError, LookupError, TypeError, AttributeError, AssertionError)
"""What torch's weights-only reader raises on other files and damaged ones (found by changing bytes of its own)."""


@dataclass(frozen=True)
class Weights:
    """Tensors by name, where they came from, and the SHA-256 of that file."""

    tensors: Mapping[str, Tensor]
    origin: str
    sha256: str
    metadata: dict[str, str] = field(default_factory=dict)


def find(backbone: str, given: str | None) -> Path | None:
    """The weights file that was named, or the one in `OVERREAD_WEIGHTS` whose name begins with the backbone's.

    `resnet50-v1` finds ``resnet50_v1.keras.safetensors`` there, `resnet50` does not: the name ends at the first dot.

    Raises
    ------
    UserError
        The named file is nowhere, or the folder holds several that would do.
    """
    named = os.environ.get("OVERREAD_WEIGHTS", "")
    folder = Path(named) if named else None
    if given is not None:
        places = [Path(given).expanduser(), *([folder / given] if folder else [])]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise UserError(
                f"no weights file {given!r}",
                "backbone.weights",
                "give the path of a .safetensors or .pth file, or put it in the folder that OVERREAD_WEIGHTS names",
            )
        return found
    if folder is None or not folder.is_dir():
        return None
    fitting = [path for path in sorted(folder.iterdir()) if path.suffix in FILES and _stem(path.name) == _stem(backbone)]
    if len(fitting) > 1:
        raise UserError(
            f"{len(fitting)} files could be the weights of {backbone}: {', '.join(path.name for path in fitting)}",
            f"OVERREAD_WEIGHTS={folder}",
            "name one with backbone.weights",
        )
    return fitting[0] if fitting else None


def read(path: Path) -> Weights:
    """Read a .safetensors file, or a .pth, .pt or .bin by torch's weights-only reader; nothing in it is run.

    Half-precision tensors become float32; a checkpoint's `state_dict` or `model` is looked into, `module.` is dropped.

    Raises
    ------
    UserError
        Not such a file, or one that holds more than tensors.
    """
    if path.suffix == ".safetensors":
        tensors, metadata = _safetensors(path)
    elif path.suffix in FILES:
        tensors, metadata = _pickled(path), {}
    else:
        raise UserError(f"weights in a {path.suffix or 'nameless'} file are not read", str(path), f"convert them to one of {', '.join(FILES)}")
    return Weights({name.removeprefix("module."): _full(tensor) for name, tensor in tensors.items()}, f"file {path.name}", sha256(path), metadata)


def pour(weights: Weights, network: nn.Module, name: str, classifier: Iterable[str] = ()) -> None:
    """Load tensors into a network of the same architecture; a classifier's are left out.

    What does not fit as it is, is put through the translation of its published format (`overread.backbones.formats`), or of timm.

    Raises
    ------
    UserError
        Tensors are missing, unknown or of another shape; the first of each is named, and what the tensors look like.
    """
    if _misfit(weights.tensors, network, classifier):
        fitted = replace(weights, tensors=translated(weights.tensors, network))
        misfit = _misfit(fitted.tensors, network, classifier)
        if misfit:
            raise UserError(
                f"weights of another architecture than {name}: {misfit}; they look like {looks_like(weights.tensors)}",
                weights.origin,
                f"name the backbone they are of, or weights of {name}",
            )
        weights = fitted
    wanted = network.state_dict()
    network.load_state_dict({key: tensor for key, tensor in weights.tensors.items() if key in wanted}, strict=False)


def projected(tensors: Mapping[str, Tensor]) -> bool:
    """Whether these are CLIP's, as published, with the projection into the space that pictures and texts share."""
    return any(name in tensors for name in ("visual.proj", "visual.head.proj.weight", "visual_projection.weight"))


def digest(network: nn.Module) -> str:
    """SHA-256 over names and values of all tensors, for weights that did not come as one file."""
    total = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        total.update(name.encode())
        total.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy() if tensor.ndim else tensor.cpu().numpy().tobytes())
    return total.hexdigest()


def _stem(name: str) -> str:
    return name.partition(".")[0].lower().replace("-", "_")


def _full(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except SafetensorError as fault:
        raise UserError(f"not a safetensors file: {fault}", str(path), "fetch it again: it may be cut off") from None


def _pickled(path: Path) -> dict[str, Tensor]:
    if _is_program(path):
        raise UserError(
            "a TorchScript archive, as OpenAI publishes CLIP: it is a program, which is never run",
            str(path),
            "where you trust it, save its tensors alone: torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), 'clip.pth')",
        )
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_TENSORS:
        raise UserError(
            "not a file of tensors alone: it is cut off, or holds code, which is never run",
            str(path),
            "save the state dict only (torch.save(model.state_dict(), ...)), or convert it to safetensors",
        ) from None
    for key in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise UserError("holds something other than named tensors", str(path), "save the state dict only")
    return content


def _is_program(path: Path) -> bool:
    """Whether this is an archive of compiled code beside its tensors."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") or "/code/" in name for name in archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return False


def _misfit(tensors: Mapping[str, Tensor], network: nn.Module, classifier: Iterable[str]) -> str:
    """What keeps the tensors from the network, in words; empty if nothing does."""
    wanted = {name: tensor for name, tensor in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    missing = [name for name in wanted if name not in tensors]
    beyond = [name for name in tensors if name not in wanted and not name.startswith(tuple(classifier)) and not name.endswith("num_batches_tracked")]
    odd = [name for name in wanted if name in tensors and tensors[name].shape != wanted[name].shape]
    words = []
    if missing:
        words.append(f"{len(missing)} tensors missing (e.g. {missing[0]})")
    if beyond:
        words.append(f"{len(beyond)} unexpected (e.g. {beyond[0]})")
    if odd:
        words.append(f"{len(odd)} of another shape (e.g. {odd[0]}: {tuple(tensors[odd[0]].shape)}, not {tuple(wanted[odd[0]].shape)})")
    return ", ".join(words)
