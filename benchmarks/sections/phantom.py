"""How hard the demo's made-up films are."""

from sections.text import Entry, made, table

SAID = """## Is the demo neither trivial nor hopeless?

AUROC on made-up radiographs (`phantom:?{films}`) of three seeds: of a forest of {trees} trees on {thumbnail} px thumbnails, out of fold by patient,
which stands for what needs no look at a bone (aim: below 0.65); of covariates and file facts alone (near 0.5); and of the recipe `default`
with {settings} on its test part (0.80 to 0.97).
"""


def section(told: Entry) -> str:
    """The three, a row a seed."""
    said = SAID.format(**{**told, "settings": " and ".join(f"`{setting}`" for setting in told["settings"])})
    rows = [
        (
            str(row["seed"]),
            f"{row['films']:,}",
            f"{row['forest']:.3f}",
            *(f"{row[name]:.3f} ({row[f'{name}_low']:.3f} to {row[f'{name}_high']:.3f})" for name in ("covariates", "default")),
            f"{row['test_films']} in {row['test_components']}",
            f"{row['seconds']:,}",
        )
        for row in told["rows"]
    ]
    head = ("seed", "films", "forest", "covariates", "`default`", "test films in components", "seconds in all")
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/phantom.py")])
