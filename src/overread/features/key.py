"""What the features of a picture depend on beside its pixels."""

import hashlib
import re
from dataclasses import asdict
from typing import Any

from overread.backbones.create import Trunk
from overread.backbones.weights import digest
from overread.imaging.cache import VERSION
from overread.imaging.fit import Fitting

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""Where something lies in memory, which some modules say of themselves."""


def depends(trunk: Trunk, fitting: Fitting) -> dict[str, Any]:
    """All that decides about features but the program that computes them, as JSON.

    The tensors are hashed as they are now: a network that was trained since is another one, whatever file it was filled from.
    """
    return {
        "backbone": trunk.name,
        "tensors": digest(trunk.network),
        "modules": hashlib.sha256(ADDRESS.sub("", repr(trunk.network)).encode()).hexdigest(),
        "pool": trunk.pool,
        "preprocess": asdict(trunk.preprocess),
        "fitting": fitting.key,
        "images": VERSION,
    }
