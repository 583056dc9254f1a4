"""Whether a column of studies is a key, or numbers the studies of each patient from 1."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def told_apart(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Studies by patient and number where their names alone would join more than half of the patients, with a sentence that says so.

    A name that joins a few patients is a key, such as one examination filed under two of them, and stays: they belong together.

    Parameters
    ----------
    frame : `patient` and `study`, text with blanks, or neither; a study without a patient then loses its name, as nobody knows whose it is

    Returns
    -------
    frame : pandas.DataFrame
    told : tuple of str
        Nothing where the names are keys.
    """
    if "patient" not in frame or "study" not in frame:
        return frame, ()
    named = (frame["patient"] != "") & (frame["study"] != "")
    (patient, patients), (study, studies) = (pd.factorize(frame.loc[named, key]) for key in ("patient", "study"))
    size = len(patients) + len(studies)
    graph = coo_array((np.ones(len(patient), bool), (patient, len(patients) + study)), shape=(size, size))
    joined = int(np.bincount(connected_components(graph, directed=False)[1][: len(patients)], minlength=1).max())
    if joined < 2 or joined <= len(patients) / 2:
        return frame, ()
    told = f"Studies of one name would join {joined:,} of {len(patients):,} patients: they are taken as numbered within the patient."
    return frame.assign(study=(frame["patient"] + "/" + frame["study"]).where(named, "")), (told,)
