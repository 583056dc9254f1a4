"""The images that lie in the folders of studies, by one walk over names."""

import os
from pathlib import Path

import pandas as pd

from overread.datasets.folder import PAPERS, closed, wanted
from overread.datasets.mura.layout import SPLITS, take_apart

DEEPEST = 3
"""Folders below train or valid: body part, patient, study. Nothing deeper is entered, so that no link can lead in a circle."""


def walk(root: Path) -> tuple[list[str], int]:
    """Images by their path from `root`, and how many files and folders lie where the layout has none.

    Raises
    ------
    UserError
        A folder may not be opened.
    """
    names: list[str] = []
    strange = 0
    for split in (split for split in SPLITS if (root / split).is_dir()):
        for folder, below, files in os.walk(root / split, followlinks=True, onerror=closed):
            here = folder[len(str(root)) + 1 :].replace(os.sep, "/")
            names += [f"{here}/{name}" for name in files if wanted(name) and not PAPERS.fullmatch(name)]
            below[:] = [name for name in below if wanted(name)]
            if here.count("/") == DEEPEST:
                strange += len(below)
                below.clear()
    paths = pd.Series(names, dtype="str")
    fits = take_apart(paths)["folder"].notna()
    return paths[fits].tolist(), strange + int((~fits).sum())
