"""Features a second from JPEG files on disk, against the loop one writes first, and the second time over the same files.

    python benchmarks/embed.py [--pictures N] [--plain N]

`plain` is Pillow, torchvision's transforms, a DataLoader with two workers, batches of 32 and torch in eager float32; its clock starts when its
first batch is decoded, which is a little in its favour. Ours starts with an empty cache: every file is read, hashed, decoded, fitted and
kept, the network made ready, the first pictures computed in float32 as well, features computed and kept. Making the network and importing
packages count for neither. Plain runs before and after ours, so that whatever else the machine does meets both.

`alone` is what decoding alone (reading, decoding and fitting on every core) and the fastest engine alone (on tensors in memory) come to where they
share the cores: 1 / (1 / decoding + 1 / computing). The files are made up: grey 1024 px JPEGs with the grain of a film. Weights are random.

Aims: 4 times plain, 0.9 of alone, and 20 times the first run in the second.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
from PIL import Image as Pillow
from record import record

from overread.backbones.create import Trunk, create
from overread.backbones.machine import computing
from overread.backbones.torchvision import torchvision
from overread.catalog import Catalog, Target
from overread.features.embed import embed
from overread.features.engine import engines
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.read import read
from overread.imaging.scan import scan
from overread.recipe import Backbone, Image, Runtime

NETWORKS = ("resnet50", "vit_base_patch14_dinov2")
PICTURES, PLAIN, SIZE, EDGE, SEED = 4000, 320, 224, 1024, 0
CORES = os.cpu_count() or 1


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pictures", type=int, default=PICTURES, help="that ours embeds")
    asked.add_argument("--plain", type=int, default=PLAIN, help="that the plain loop embeds, before and after")
    given = asked.parse_args()
    busy = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        catalog = films(Path(folder), given.pictures)
        rows = [measured(name, catalog, Path(folder), given.plain) for name in NETWORKS]
    print(pd.DataFrame(rows).T.to_string())
    aims = {"times_plain": 4.0, "of_alone": 0.9, "times_first": 20.0}
    told = {"size": SIZE, "edge": EDGE, "pictures": given.pictures, "torch": torch.__version__, "load_before": busy, "aims": aims}
    print(record("embed", SEED, rows, **told))


def films(folder: Path, number: int) -> Catalog:
    """Grey JPEGs: smooth shapes under fine grain, no two alike."""
    draw = np.random.default_rng(SEED)
    for i in range(number):
        shapes = cv2.resize(draw.integers(0, 200, (24, 24), np.uint8), (EDGE, EDGE), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(f"{folder}/{i}.jpg", cv2.add(shapes, cv2.randn(np.empty((EDGE, EDGE), np.uint8), 10, 6)), [cv2.IMWRITE_JPEG_QUALITY, 90])
    names = [f"{i}.jpg" for i in range(number)]
    rows = {"row": [str(i) for i in range(number)], "image": names, "file": [f"{folder}/{name}" for name in names]}
    return Catalog(pd.DataFrame(rows).assign(label=np.resize(["no", "yes"], number)), {"label": Target("binary", ("no", "yes"), "yes")})


def measured(name: str, catalog: Catalog, folder: Path, number: int) -> dict[str, Any]:
    """One network: plain, ours, plain, ours again, and the two parts of ours alone."""
    torch.manual_seed(SEED)
    trunk = create(Backbone(name=name, pretrained=False), Image(size=SIZE)).eval()
    for key, parameter in trunk.named_parameters():
        if key.endswith((".ls1.gamma", ".ls2.gamma")):  # else no block of a random DINOv2 does anything
            torch.nn.init.ones_(parameter)
    os.environ["OVERREAD_CACHE"] = f"{folder}/{name}"
    files, n = catalog.frame["file"].tolist(), len(catalog)
    before = plain(trunk, files[:number])
    first, told = ours(trunk, catalog)
    after = plain(trunk, files[:number])
    again, kept = ours(trunk, catalog)
    assert (told["computed"], kept["computed"]) == (n, 0)
    decoding, computing_alone = decode(files[: max(64, n // 4)]), infer(trunk, max(32, n // 8))
    usual, alone = 2 / (1 / before + 1 / after), 1 / (1 / decoding + 1 / computing_alone)
    return {
        "network": name,
        "engine": told["engine"],
        "plain": round(usual, 1),
        "ours": round(first, 1),
        "second": round(again, 1),
        "decoding": round(decoding, 1),
        "computing": round(computing_alone, 1),
        "times_plain": round(first / usual, 2),
        "of_alone": round(first / alone, 3),
        "times_first": round(again / first, 1),
        "distance": told["distance"],
        "error": told["error"],
    }


class Loop(torch.utils.data.Dataset[torch.Tensor]):
    """Files as a plain loop reads them."""

    def __init__(self, files: list[str], change: Callable[[Pillow.Image], torch.Tensor]) -> None:
        self.files, self.change = files, change

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.change(Pillow.open(self.files[index]).convert("RGB"))


def plain(trunk: Trunk, files: list[str]) -> float:
    """Images a second."""
    steps = torchvision.transforms
    normal = steps.Normalize(trunk.preprocess.mean, trunk.preprocess.std)
    change = steps.Compose([steps.Resize(SIZE), steps.CenterCrop(SIZE), steps.ToTensor(), normal])
    loader = torch.utils.data.DataLoader(Loop(files, change), batch_size=32, num_workers=2, multiprocessing_context="spawn")
    began = 0.0
    with torch.inference_mode():
        for batch in loader:
            began = began or perf_counter()
            trunk(batch)
    return len(files) / (perf_counter() - began)


def ours(trunk: Trunk, catalog: Catalog) -> tuple[float, dict[str, Any]]:
    """Images a second from the files to kept features, and how."""
    began = perf_counter()
    found, _ = scan(catalog, Fitting(SIZE), Cache(), CORES)
    [told] = embed(trunk, Pictures(found.frame, Fitting(SIZE), Cache()), Runtime(threads=CORES)).told.values()
    return len(catalog) / (perf_counter() - began), told


def decode(files: list[str]) -> float:
    """Files a second that are read, decoded and fitted, on every core."""
    fitting, threads = Fitting(SIZE), cv2.getNumThreads()
    cv2.setNumThreads(0)
    began = perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        for _ in pool.map(lambda file: fitting.apply(read(file)), files):
            pass
    cv2.setNumThreads(threads)
    return len(files) / (perf_counter() - began)


def infer(trunk: Trunk, number: int) -> float:
    """Pictures a second of the fastest engine, on tensors in memory, once it is warm."""
    with computing(Runtime(threads=CORES)) as machine:
        engine = engines(machine)[0]
        forward = engine.ready(trunk, SIZE)
        batch = torch.randint(0, 256, (engine.batch, SIZE, SIZE, 3), dtype=torch.uint8)
        list(forward([batch] * 4))
        began = perf_counter()
        list(forward([batch] * (number // engine.batch)))
    return number // engine.batch * engine.batch / (perf_counter() - began)


if __name__ == "__main__":
    main()
