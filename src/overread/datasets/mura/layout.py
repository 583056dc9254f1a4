"""MURA's paths taken apart: split, body part, patient, study and what the study's name says of its label."""

import pandas as pd

SPLITS = ("train", "valid")

REGIONS = ("elbow", "finger", "forearm", "hand", "humerus", "shoulder", "wrist")

STUDY = r"(?P<folder>(?P<split>train|valid)/XR_(?P<part>\w+)/patient(?P<patient>\d+)/study(?P<number>\d+))(?:_(?P<suffix>positive|negative))?"


def take_apart(paths: pd.Series, ending: str = r"/[^./][^/]*") -> pd.DataFrame:
    """What each path says, all missing where it is none of the layout.

    Parameters
    ----------
    paths : (n,) str, from the folder that holds train and valid
    ending : what follows the study's name, an expression; the name of an image, if not given

    Returns
    -------
    pandas.DataFrame
        (n,) `folder` (the study's, without its label), `split`, `body_part` (small letters), `patient` and `number` (digits), `suffix`
        (positive, negative or missing).
    """
    parts = paths.str.extract(rf"^{STUDY}{ending}$")
    parts["part"] = parts["part"].str.lower()
    return parts.rename(columns={"part": "body_part"})
