"""Pictures that travel inside the page: files as data URIs, intervals as drawn lines."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from overread.report.measures import measure

TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


def embed(folder: Path, name: str) -> str | None:
    """A picture of the folder, or of its `figures`, as a data URI; None where it is missing, no picture, or outside the folder."""
    file = next((place for place in (folder / name, folder / "figures" / name) if place.is_file()), folder).resolve()
    if file.suffix.lower() not in TYPES or not file.is_relative_to(folder.resolve()):
        return None
    return f"data:{TYPES[file.suffix.lower()]};base64,{b64encode(file.read_bytes()).decode('ascii')}"


def strip(entry: Mapping[str, Any] | None, name: str, width: int = 150, ends: tuple[float, float] | None = None, difference: bool = False) -> Markup:
    """A figure and its interval on a line; the tick is the value of a model that knows nothing (of a difference, none)."""
    chosen = measure(name)
    scale, mark = ends or ((-0.5, 0.5) if difference else chosen.scale), 0.0 if difference else chosen.mark
    if scale is None or not entry or entry.get("value") is None:
        return Markup("")

    def at(value: float) -> float:
        return round(4 + (width - 8) * (min(max(value, scale[0]), scale[1]) - scale[0]) / (scale[1] - scale[0]), 1)

    parts = [f'<line class="axis" x1="4" x2="{width - 4}" y1="8" y2="8"/>']
    if mark is not None and scale[0] <= mark <= scale[1]:
        parts.append(f'<line class="chance" x1="{at(mark)}" x2="{at(mark)}" y1="2" y2="14"/>')
    if entry.get("low") is not None and entry.get("high") is not None:
        parts.append(f'<line class="interval" x1="{at(entry["low"])}" x2="{at(entry["high"])}" y1="8" y2="8"/>')
    parts.append(f'<circle cx="{at(entry["value"])}" cy="8" r="3.5"/>')
    return Markup(f'<svg class="strip" viewBox="0 0 {width} 16" width="{width}" height="16" aria-hidden="true">{"".join(parts)}</svg>')  # noqa: S704
