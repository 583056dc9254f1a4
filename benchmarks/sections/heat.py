"""Whether heat maps point at the fracture."""

from sections.text import Entry, made, table

SAID = """## Do heat maps point at the fracture?

The recipe `default`, trained on {films:,} made-up films of {size} px (subtlety {subtlety:g}, as the demo's) whose fractures are known to the
pixel (test AUROC {auroc}). A hit is a map of the class `fracture` that peaks within {dilated} px of the fracture; a map of zeros is a miss.
*By area*: what a place anywhere on the film would hit; *by anatomy*: what the peaks of other patients' films of the same body part hit on
this film. *By cell*: hits if the peak were the middle of the highest cell, of the films in which any cell's middle lies there at all.
The peak is that of a smooth surface over the cells, a definition settled on an earlier, harder set of films, on which the middle of the
highest cell had pointed no better than chance; these films were scored once with it.
"""


def section(told: Entry) -> str:
    """Hits beside chance, a row a method, layer and choice of films."""
    auroc = told["auroc"]
    said = SAID.format(**{**told, "auroc": f"{auroc['value']:.3f}, {auroc['low']:.3f} to {auroc['high']:.3f}"})
    rows = [
        (
            f"{row['method']}, `{row['layer']}`",
            f"{row['cells']} x {row['cells']}",
            f"{row['cases']} ({row['films']} of {row['components']} patients)",
            _interval(row, "share"),
            f"{row['chance_area']:.1%}",
            f"{row['chance_anatomy']:.1%}",
            _interval(row, "over_anatomy"),
            f"{row['share_of_cells']:.1%} of {row['reachable']:.1%}",
        )
        for row in told["rows"]
    ]
    head = ("method, layer", "cells", "films with a fracture", "hits", "by area", "by anatomy", "over anatomy", "by cell")
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/heat.py")])


def _interval(row: Entry, name: str) -> str:
    if row[f"{name}_low"] is None:
        return f"{row[name]:.1%} (no interval)"
    return f"{row[name]:.1%} ({row[f'{name}_low']:.1%} to {row[f'{name}_high']:.1%})"
