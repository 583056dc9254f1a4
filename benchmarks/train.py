"""Images per second of ResNet-50 at 224 px, trained and run through the learner, against two plain loops in the same minutes.

    python benchmarks/train.py

`plain` is what one writes first: float32, eager, tensors decoded, fitted and normalised in memory beforehand. `memory` is the fastest the
learner could be: its own precision and memory format on pictures already in memory. The learner itself reads its cache, augments and
prefetches. The three take turns, so that whatever else the machine does meets all of them; ratios are taken turn by turn.

Aims: at least 2x `plain` and 0.85x `memory`, training and inference. Rows with more threads than idle cores mean little: `load_before` says
how busy the machine was.
"""

import json
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import pandas as pd
import torch
from record import record
from torch import nn

from overread.backbones.create import create
from overread.backbones.machine import computing
from overread.backbones.torchvision import timm
from overread.catalog import Catalog, Target
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan
from overread.learners.finetune import Finetune
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.model import NetworkModel
from overread.learners.network.task import Task
from overread.recipe import Backbone, Image, Recipe, Runtime, check
from overread.run import Workspace

SIZE, BATCH, ROWS, TURNS, SEED = 224, 16, 64, 3, 0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OVERREAD_CACHE"] = f"{folder}/cache"
        catalog = films(Path(folder))
        cores, busy = os.cpu_count() or 1, round(os.getloadavg()[0], 1)
        rows = [row for threads in sorted({1, cores}) for row in (training(catalog, Path(folder), threads), inference(catalog, threads))]
    path = record(
        "train",
        SEED,
        rows,
        network="resnet50",
        size=SIZE,
        batch=BATCH,
        turns=TURNS,
        torch=torch.__version__,
        load_before=busy,
        aims={"plain": 2.0, "memory": 0.85},
    )
    print(pd.DataFrame(rows).to_string(index=False), path, sep="\n")


def films(folder: Path) -> Catalog:
    """Grey 512 px JPEGs of smooth noise, two classes, all but a batch of them to train on."""
    draw = np.random.default_rng(SEED)
    rows = []
    for i in range(ROWS + BATCH):
        film = cv2.resize(draw.integers(0, 256, (16, 16), dtype=np.uint8), (512, 512), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(f"{folder}/{i}.jpg", film)
        rows.append(
            {"row": str(i), "image": f"{i}.jpg", "file": f"{folder}/{i}.jpg", "label": ["no", "yes"][i % 2], "split": "train" if i < ROWS else "val"}
        )
    listed = Catalog(pd.DataFrame(rows), {"label": Target("binary", ("no", "yes"), "yes")})
    return scan(listed, Fitting(SIZE), Cache(), os.cpu_count() or 1)[0]


def recipe(threads: int) -> Recipe:
    return check(
        {
            "image": {"size": SIZE},
            "backbone": {"name": "resnet50", "pretrained": False},
            "learner": {"augment": "light", "batch": BATCH, "phases": [{"trains": "all", "epochs": 2, "rate": 1e-4}]},
            "runtime": {"threads": threads},
        },
        "benchmark",
    )


def training(catalog: Catalog, folder: Path, threads: int) -> dict[str, object]:
    told = recipe(threads)

    def learner() -> float:
        """The second of two epochs, as the log has it."""
        journal = folder / "log.jsonl"
        journal.unlink(missing_ok=True)
        Finetune.fit(catalog, told, Workspace(Path(tempfile.mkdtemp(dir=folder)), journal, {}), SEED)
        return float(json.loads(journal.read_text().splitlines()[-1])["images_per_second"])

    network = timm.create_model("resnet50", num_classes=1).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    pixels, truth = ready(catalog, 2 * BATCH), torch.tensor([0.0, 1.0] * BATCH)

    def plain() -> None:
        for at in range(0, len(pixels), BATCH):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(network(pixels[at : at + BATCH])[:, 0], truth[at : at + BATCH])
            loss.backward()
            optimizer.step()

    classifier = made().train()
    fast = torch.optim.AdamW(classifier.parameters(), lr=1e-4)
    pictures, preprocess = stored(catalog, ROWS), classifier.trunk.preprocess
    labels = torch.tensor([0.0, 1.0] * (ROWS // 2))

    def memory() -> None:
        for at in range(0, ROWS, BATCH):
            with machine.autocast():
                logits = classifier(preprocess.normalise(pictures[at : at + BATCH]))
            loss = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], labels[at : at + BATCH])
            fast.zero_grad()
            loss.backward()
            fast.step()

    with computing(Runtime(threads=threads)) as machine:
        return compare("training", threads, rate(plain, len(pixels)), learner, rate(memory, ROWS))


def inference(catalog: Catalog, threads: int) -> dict[str, object]:
    classifier = made().eval()
    told = recipe(threads)

    model = NetworkModel(classifier, Head(), Task.of(catalog), Fitting(SIZE), told.runtime)
    network = timm.create_model("resnet50", num_classes=1).eval()
    pixels, pictures = ready(catalog, 2 * BATCH), stored(catalog, len(catalog))

    @torch.inference_mode()
    def plain() -> None:
        for at in range(0, len(pixels), BATCH):
            network(pixels[at : at + BATCH])

    @torch.inference_mode()
    def memory() -> None:
        with machine.autocast():
            for at in range(0, len(pictures), BATCH):
                classifier(classifier.trunk.preprocess.normalise(pictures[at : at + BATCH]))

    with computing(told.runtime) as machine:
        return compare("inference", threads, rate(plain, len(pixels)), rate(lambda: model.predict(catalog), len(catalog)), rate(memory, len(catalog)))


def compare(what: str, threads: int, plain: Callable[[], float], learner: Callable[[], float], memory: Callable[[], float]) -> dict[str, object]:
    """Medians of the rates and of the ratios of each turn, one turn to warm up."""
    plain(), memory(), learner()
    turns = [(plain(), learner(), memory()) for _ in range(TURNS)]
    figures = {name: statistics.median(values) for name, values in zip(("plain", "learner", "memory"), zip(*turns, strict=True), strict=True)}
    return {
        "what": what,
        "threads": threads,
        **{f"{name}_images_per_second": round(value, 1) for name, value in figures.items()},
        "over_plain": round(statistics.median(b / a for a, b, _ in turns), 2),
        "over_memory": round(statistics.median(b / c for _, b, c in turns), 3),
    }


def rate(work: Callable[[], object], images: int) -> Callable[[], float]:
    """Images per second of one call."""

    def timed() -> float:
        began = perf_counter()
        work()
        return images / (perf_counter() - began)

    return timed


def made() -> Classifier:
    trunk = create(Backbone(name="resnet50", pretrained=False), Image(size=SIZE))
    return Classifier(trunk, build_head(Head(), trunk.features, 1))


def stored(catalog: Catalog, number: int) -> torch.Tensor:
    """(number, size, size, 3) uint8 in memory."""
    return torch.from_numpy(np.stack(Pictures(catalog.frame, Fitting(SIZE), Cache())[:number]))


def ready(catalog: Catalog, number: int) -> torch.Tensor:
    """(number, 3, size, size) float32, normalised and contiguous, as a plain loop has them."""
    return made().trunk.preprocess.normalise(stored(catalog, number)).contiguous()


if __name__ == "__main__":
    main()
