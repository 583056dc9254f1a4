"""What the benchmarks measured, as one page: docs/results.md, made from benchmarks/results/*.json and from nothing else.

    python benchmarks/results.py

A file that is not there yet is named as not measured; figures of others stand beside ours with their source.
"""

import json
from pathlib import Path

from sections import (
    cascade,
    coverage,
    designs,
    embed,
    gradcam,
    heat,
    leaks,
    near_duplicates,
    near_duplicates_cost,
    partition,
    phantom,
    pneumonia,
    probe,
    probe_head,
    real,
    resume,
    routing,
    train,
)

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "results.md"

OPENING = """# Measured results

Made by `python benchmarks/results.py` from the files in `benchmarks/results/`; each names its commit (a `+` says that files had changed
since), day and machine. An interval is the 95 % bootstrap interval over components, not over images: it covers the sampling of cases,
not of retraining. Nothing here is a claim about patients: research use only, not a medical device.
"""

OTHERS = {
    "coverage": coverage,
    "routing": routing,
    "train": train,
    "embed": embed,
    "cascade": cascade,
    "resume": resume,
    "phantom": phantom,
    "heat": heat,
    "gradcam": gradcam,
    "partition": partition,
    "leaks": leaks,
    "near_duplicates": near_duplicates,
    "near_duplicates_cost": near_duplicates_cost,
    "probe": probe,
    "designs": designs,
    "pneumonia": pneumonia,
    "probe_head": probe_head,
}
"""Benchmark, which is its script's name, to its section, in the page's order."""


def main() -> None:
    PAGE.write_text(page(HERE / "results"), encoding="utf-8")
    print(PAGE)


def page(folder: Path) -> str:
    """The page of a folder of results, in Markdown; deterministic."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    names = dict.fromkeys([*real.TITLES, *(name.removeprefix("real-") for name in found if name.startswith("real-"))])
    runs = [real.section(name, found[f"real-{name}"]) for name in names if f"real-{name}" in found]
    others = [part.section(found[name]) for name, part in OTHERS.items() if name in found]
    missing = [f"real.py {name}" for name in real.TITLES if f"real-{name}" not in found] + [f"{name}.py" for name in OTHERS if name not in found]
    still = ["## Not measured yet\n", "".join(f"- `python benchmarks/{script}`\n" for script in missing)] if missing else []
    return "\n".join([OPENING, *(["## Real images\n", *runs] if runs else []), *others, *still])


if __name__ == "__main__":
    main()
