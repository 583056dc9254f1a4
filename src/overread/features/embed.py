"""Pictures as a frozen network's pooled features: what it has learnt elsewhere, with nothing learnt here."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from overread.backbones.create import create
from overread.imaging.pictures import Pictures
from overread.progress import track
from overread.recipe import Backbone, Image

BATCH = 32


def embed(pictures: Pictures, places: Sequence[int] | NDArray[np.intp], backbone: Backbone | None = None) -> NDArray[np.float32]:
    """The features of some pictures, at the size they were fitted to.

    Parameters
    ----------
    pictures : Pictures
    places : (n,) int, which of them
    backbone : Backbone, optional
        The house's default if not given.

    Returns
    -------
    (n, d) float32

    Raises
    ------
    UserError
        No such backbone or no weights for it, a size it cannot take, or a file that has gone.
    """
    trunk = create(backbone or Backbone(), Image(size=pictures.fitting.size))
    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    trunk.to(device).eval()
    batches = [places[begin : begin + BATCH] for begin in range(0, len(places), BATCH)]
    features = np.empty((len(places), trunk.features), np.float32)
    with torch.inference_mode():
        for number, batch in enumerate(track(batches, "reading features", len(batches))):
            squares = torch.from_numpy(np.stack([pictures[int(place)] for place in batch]))
            seen = trunk(trunk.preprocess.normalise(squares.to(device)))
            features[number * BATCH : number * BATCH + len(batch)] = seen.float().cpu().numpy()
    return features
