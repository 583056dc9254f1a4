"""On what a run was made: versions, hardware, seed, and hashes of what it began from."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("overread", "torch", "torchvision", "timm", "numpy", "pandas", "scikit-learn", "pillow", "opencv-python-headless")


def environment(seed: int, device: str, threads: int, hashes: dict[str, str]) -> dict[str, Any]:
    """What `environment.json` says: versions, hardware, seed, hashes of weights and data; `threads` compute, of an audit they read."""
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "hardware": {
            "system": platform.system(),
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "threads": threads,
            "device": device,
        },
        "seed": seed,
        "hashes": hashes,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        return next((line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")), platform.processor())
    return platform.processor()
