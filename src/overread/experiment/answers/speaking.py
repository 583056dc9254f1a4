"""Who speaks: for each question the network that answered a row, and the class whose evidence is shown."""

import numpy as np
import pandas as pd

from overread.learners.base import Model

ROUTER = "router"
"""The network of a cascade that chooses the part, by its name in `Model.networks`."""


def speaking(model: Model, judged: pd.DataFrame, label: str | None = None) -> dict[str, pd.DataFrame]:
    """What is to be explained of some rows, for every target that a network answers, in the model's order.

    Parameters
    ----------
    judged : rows with `raw:T:C`, `p:T:C` and `decision:T`
    label : the class to explain, and only the targets that have it; by default the class decided. Of the target that a router answers it is
        the part it chose: the expert that is asked follows the router's own likeliest part, whatever calibration makes of it.

    Returns
    -------
    dict of str to pandas.DataFrame
        A row a row, in their order: `row`, `target`, `network` (by its name in `Model.networks`), `class` (explained), `decision`, and `p`
        (calibrated, of the class explained).
    """
    answers = judged.reset_index(drop=True)
    networks = model.speakers(answers)
    asked = [name for name, target in model.targets.items() if name in networks and (label is None or label in target.classes)]
    return {name: _spoken(model, answers, name, networks[name], label) for name in asked}


def _spoken(model: Model, answers: pd.DataFrame, name: str, networks: list[str], label: str | None) -> pd.DataFrame:
    target = model.targets[name]
    chosen = answers["route"] if "route" in answers and set(networks) == {ROUTER} else answers[f"decision:{name}"]
    explained = chosen if label is None else pd.Series(label, index=answers.index)
    p = answers[[f"p:{name}:{cls}" for cls in target.classes]].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "row": answers["row"],
            "target": name,
            "network": networks,
            "class": explained,
            "decision": answers[f"decision:{name}"],
            "p": p[np.arange(len(p)), target.encode(explained)],
        }
    )
