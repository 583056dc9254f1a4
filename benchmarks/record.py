"""What a benchmark measured, as JSON that says on which commit, machine and day, so that `docs/results.md` can be made from it."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def record(name: str, seed: int, rows: list[dict[str, Any]], **notes: Any) -> Path:
    """Write `benchmarks/results/<name>.json`: commit, hardware, date, seed, notes, rows.

    Parameters
    ----------
    name : of the file, and of the benchmark that wrote it
    seed : that makes the rows again
    rows : one measurement each, flat, with the same keys
    notes : what else a reader needs: settings, versions, durations
    """
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    head = {"commit": commit(), "hardware": hardware(), "date": datetime.now(UTC).date().isoformat(), "seed": seed}
    path.write_text(json.dumps({**head, **notes, "rows": rows}, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


def commit() -> str:
    """The checked-out commit, with "+" where tracked files other than results have changed since."""
    here = Path(__file__).parent
    measured = [":/", ":(top,exclude)benchmarks/results", ":(top,exclude)docs/results.md"]
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no", "--", *measured], cwd=here, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + "+" * bool(changed.strip())


def hardware() -> dict[str, Any]:
    """The processor, how many cores, and the Python on them."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())
    return {"processor": model, "cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}
