"""Links: pairs of rows whose pictures are copies, with the evidence for each."""

import pandas as pd

COLUMNS = {
    "row": "str",
    "other": "str",
    "mirrored": "bool",
    "inverted": "bool",
    "squeezed": "bool",
    "angle": "float64",
    "scale": "float64",
    "inliers": "int64",
    "correlation": "float64",
    "overlap": "float64",
}
"""Column of a table of links to its dtype; `angle` in degrees and `scale` lead from `row` to `other`; `squeezed`: to `other` made square first."""


def none() -> pd.DataFrame:
    """A table of no links."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in COLUMNS.items()})
