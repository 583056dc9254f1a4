"""How imagededup tells copies: by a perceptual hash, and by a network that is handed to it. Both as its readers use them, with its thresholds.

imagededup comes with `pip install -c constraints.txt -e '.[bench]'`; where it is missing there are no peers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image

from overread.backbones.create import create
from overread.imaging.fit import Fitting
from overread.recipe import Backbone
from overread.recipe import Image as Sized

DISTANCE, SIMILARITY = 10, 0.9
"""Its defaults: the Hamming distance of two hashes of 64 bits up to which, and the cosine of two encodings from which, it says copies."""


@dataclass(frozen=True)
class Peer:
    """A way to tell copies.

    Attributes
    ----------
    encode : the file of a picture to what is kept of it
    pairs : what is kept of all pictures to the pairs it says are copies: `one`, `other` (positions, the smaller first), `score` (higher: closer)
    """

    encode: Callable[[str], Any]
    pairs: Callable[[Sequence[Any]], pd.DataFrame]


def peers(size: int = 224) -> dict[str, Peer]:
    """Name to peer; none where imagededup is not installed."""
    from overread.backbones.torchvision import torchvision  # noqa: F401  imagededup imports it, and fails beside some builds of torch

    try:
        from imagededup.methods import CNN, PHash
        from imagededup.utils import CustomModel
    except ImportError:
        return {}

    trunk, fitting = create(Backbone(), Sized(size=size)).eval(), Fitting(size)

    def prepare(picture: Image.Image) -> torch.Tensor:
        return trunk.preprocess.normalise(torch.from_numpy(fitting.apply(np.asarray(picture)))[None])[0]

    network = CNN(verbose=False, model_config=CustomModel(model=trunk, transform=prepare, name="EfficientNet-Lite0"))
    hashes = PHash(verbose=False)

    @torch.inference_mode()
    def encode(file: str) -> NDArray[np.float32]:
        found: NDArray[np.float32] = network.encode_image(image_file=file)[0]
        return found

    def alike(encoded: Sequence[NDArray[np.float32]]) -> pd.DataFrame:
        network.find_duplicates(encoding_map=dict(enumerate(encoded)), min_similarity_threshold=SIMILARITY, num_sim_workers=0)
        one, other = np.nonzero(np.triu(network.cosine_scores >= SIMILARITY, 1))
        return pd.DataFrame({"one": one, "other": other, "score": network.cosine_scores[one, other]})

    def near(encoded: Sequence[str]) -> pd.DataFrame:
        named = {str(place): code for place, code in enumerate(encoded)}
        found = hashes.find_duplicates(encoding_map=named, max_distance_threshold=DISTANCE, scores=True, num_dist_workers=0)
        told = [(int(one), int(other), -distance) for one, others in found.items() for other, distance in others if int(one) < int(other)]
        return pd.DataFrame(told, columns=["one", "other", "score"]).astype({"one": int, "other": int, "score": float})

    return {"PHash": Peer(lambda file: hashes.encode_image(image_file=file), near), "CNN": Peer(encode, alike)}
