"""Tensors and a few words about them in one file that is whole or recognised as damaged: safetensors, never pickle."""

import json
from pathlib import Path
from typing import Any
from zlib import crc32

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from overread.errors import UserError
from overread.run import whole

Tensors = dict[str, Tensor]


def write(path: Path, tensors: Tensors, told: dict[str, Any]) -> None:
    """Put a checkpoint in the place of the one before; a kill at any moment leaves the one or the other.

    Parameters
    ----------
    tensors : of any device and memory format
    told : JSON-able; kept with a checksum over it and every tensor in the file's metadata
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    words = json.dumps(told)
    data = save(plain, {"told": words, "checksum": checksum(plain, words)})
    with whole(path) as part:
        part.write_bytes(data)


def read(path: Path) -> tuple[Tensors, dict[str, Any]] | None:
    """What `write` wrote, on the processor; None where there is no file.

    Raises
    ------
    UserError
        The file is cut off, or any bit of it has changed.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            words = file.metadata()
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118  (no mapping; cloned, so that the file is free)
        if words["checksum"] == checksum(tensors, words["told"]):
            return tensors, json.loads(words["told"])
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError):  # what a changed header leads to
        pass
    raise UserError("the checkpoint is damaged", str(path), "delete it: what it was of is then trained from its beginning")


def checksum(tensors: Tensors, words: str = "") -> str:
    """CRC-32 over names, types, shapes and bytes."""
    code = crc32(words.encode())
    for name, tensor in sorted(tensors.items()):
        code = crc32(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode(), code)
        code = crc32(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data, code)
    return f"{code:08x}"
