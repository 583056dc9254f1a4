"""What a cascade of eight networks costs beside one of them: to load, to predict with, and to hold in memory.

    python benchmarks/cascade.py [--pictures N] [--rounds N] [--networks resnet18 resnet50]

A router, a pooled expert and six experts of a part each: eight networks, saved as a training saves them. Weights are random, but that the
router's last layer is solved so that it is about as sure of the part as a trained one (a probe on films of FracAtlas asks 1.1 experts a film); how
many experts were asked a picture is measured and stands beside the speed.

`load` is from the folder to a model that can be asked, every file in the system's cache; `every` is the time until all eight networks are in
memory too. `share` is the cascade's images a second over one network's, on the same made-up squares, which lie fitted in the image cache for both;
they alternate, so that whatever else the machine does meets both, and the middle of the rounds counts.

Memory is of an own process for each model, in units of one network's weights: what it has grown by (anonymous and resident) once the pictures are
predicted. `memory` is what it holds: C's allocator is asked first (`malloc_trim`) to give back what was freed. `freed` is what that was: batches and
layers' outputs, kept for the next ones, so large by chance that it once hid what is compared here. `peak` is the most it had in memory at any
moment, pages of files included. `one` is one network alone; the cascade is asked of pictures of one part, of which two networks are in use, and
in `memory_all` of as many of all parts. `beyond` is `memory` over `memory_one`: the router and an expert, less the one.

Aims: all of it in memory in 3 s, 0.45 of one network's images a second, and no more than 1.1 networks' weights held beyond what one network holds.
"""

import argparse
import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
from record import record

from overread.backbones.create import create
from overread.catalog import Catalog, Target
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.scan import scan
from overread.learners.base import load
from overread.learners.cascade.members import EXPERT, POOLED, ROUTER, Members, folder_names
from overread.learners.cascade.mixing import weigh
from overread.learners.cascade.model import CascadeModel
from overread.learners.cascade.parts import Part
from overread.learners.network.classifier import Classifier, build_head
from overread.learners.network.head import Head
from overread.learners.network.model import NetworkModel
from overread.learners.network.task import Task
from overread.recipe import Backbone, Image, Runtime

NETWORKS = ("resnet18", "resnet50")
PARTS = ("ELBOW", "FINGER", "FOREARM", "HAND", "HUMERUS", "SHOULDER", "WRIST")
SMALL = "HUMERUS"
PICTURES, ROUNDS, SIZE, SEED = 960, 5, 224, 0
CORES = os.cpu_count() or 1
AIMS = {"every": 3.0, "share": 0.45, "beyond": 1.1}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pictures", type=int, default=PICTURES)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--networks", nargs="+", default=list(NETWORKS))
    asked.add_argument("--grows", nargs=2, metavar=("MODEL", "CATALOG"), help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.grows:
        print(json.dumps(grows(*map(Path, given.grows))))
        return
    busy = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OVERREAD_CACHE"] = f"{folder}/cache"
        catalog = films(Path(folder), given.pictures)
        rows = [measured(name, catalog, Path(folder), given.rounds) for name in given.networks]
    print(pd.DataFrame(rows).T.to_string())
    told = {"size": SIZE, "pictures": given.pictures, "rounds": given.rounds, "networks": len(PARTS) + 1, "torch": torch.__version__}
    print(record("cascade", SEED, rows, **told, threads=CORES, load_before=busy, aims=AIMS))


def films(folder: Path, number: int) -> Catalog:
    """Grey squares with the grain of a film; a part is a brightness."""
    draw, part = np.random.default_rng(SEED), np.arange(number) % len(PARTS)
    (folder / "films").mkdir()
    for i in range(number):
        shapes = cv2.resize(draw.integers(0, 20, (24, 24), np.uint8), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(f"{folder}/films/{i}.png", shapes + np.uint8(10 + 30 * part[i]))
    names = [f"{i}.png" for i in range(number)]
    rows = pd.DataFrame({"row": [str(i) for i in range(number)], "image": names, "file": [f"{folder}/films/{name}" for name in names]})
    asked = {"abnormal": Target("binary", ("negative", "positive"), "positive"), "body_part": Target("multiclass", PARTS)}
    labelled = rows.assign(abnormal=np.resize(["negative", "positive"], number), body_part=np.array(PARTS)[part])
    return scan(Catalog(labelled, asked), Fitting(SIZE), Cache(), CORES)[0]


def measured(name: str, catalog: Catalog, folder: Path, rounds: int) -> dict[str, Any]:
    """One backbone: eight networks of it made, saved, loaded and asked."""
    place, runtime = folder / name, Runtime(threads=CORES)
    make(name, catalog, place)
    unknown = catalog.replace(catalog.frame.assign(body_part=None))
    load(place)
    began = perf_counter()
    cascade = load(place)
    loaded = perf_counter() - began
    for network in cascade.networks():
        cascade.networks()[network]
    every = perf_counter() - began
    alone = load(place / "pooled")
    cascade.runtime = alone.runtime = runtime
    assert isinstance(cascade, CascadeModel)
    hard, soft = replace(cascade, routing="hard"), replace(cascade, routing="soft")
    rates: dict[str, list[float]] = {"one": [], "hard": [], "soft": []}
    for turn in range(rounds + 1):
        for key, model in (("one", alone), ("hard", hard), ("soft", soft)):
            began = perf_counter()
            found = model.predict(unknown)
            if turn:  # the first round warms up
                rates[key].append(len(found) / (perf_counter() - began))
    router = found[[f"raw:body_part:{part}" for part in PARTS]].to_numpy()
    places = np.array([cascade.experts.index(cascade.answering[part]) for part in PARTS])
    one, two, mixed = (median(rates[key]) for key in ("one", "hard", "soft"))
    weights = (place / "pooled" / "model.safetensors").stat().st_size
    wrists = catalog.only(catalog.frame["body_part"] == "WRIST")
    of_all = catalog.only(np.arange(len(catalog)) < len(wrists))
    two_used, one_used, all_used = (grown(*asked, folder, weights) for asked in ((place, wrists), (place / "pooled", wrists), (place, of_all)))
    return {
        "network": name,
        "load": round(loaded, 4),
        "every": round(every, 2),
        "one": round(one, 1),
        "hard": round(two, 1),
        "soft": round(mixed, 1),
        "share": round(two / one, 3),
        "soft_share": round(mixed / one, 3),
        "experts_asked": round(float((weigh(router, places, len(cascade.experts), "soft") > 0).sum(1).mean()), 2),
        "right": round(float((found["route"].to_numpy() == catalog.frame["body_part"].to_numpy()).mean()), 3),
        "weights_mb": round(weights / 1e6, 1),
        **{key: round(value, 2) for key, value in two_used.items()},
        **{f"{key}_one": round(value, 2) for key, value in one_used.items()},
        "memory_all": round(all_used["memory"], 2),
        "beyond": round(two_used["memory"] - one_used["memory"], 2),
    }


def make(name: str, catalog: Catalog, folder: Path) -> None:
    """Save a cascade of eight networks whose router tells the parts."""
    torch.manual_seed(SEED)
    asked, part = (Task(key, target) for key, target in catalog.targets.items())
    own = [one for one in PARTS if one != SMALL]
    names = folder_names([ROUTER, POOLED, *(EXPERT + one for one in own)])
    for member, place in names.items():
        task = part if member == ROUTER else asked
        trunk = create(Backbone(name=name, pretrained=False), Image(size=SIZE))
        classifier = Classifier(trunk, build_head(Head(), trunk.features, task.outputs)).eval()
        model = NetworkModel(classifier, Head(), task, Fitting(SIZE), Runtime(threads=CORES))
        if member == ROUTER:
            solve(model, catalog)
        model.save(folder / place)
    known = [Part(one, 100, 100, "too few" if one == SMALL else "", False, (0.0, 0.0)) for one in PARTS]
    answering = {one: POOLED if one == SMALL else EXPERT + one for one in PARTS}
    members = Members({member: folder / place for member, place in names.items()})
    fitting, preprocess = model.fitting, model.preprocess
    CascadeModel(asked, part, known, answering, "soft", None, fitting, preprocess, {}, tuple(names), "auto", members).save(folder)


def solve(router: NetworkModel, catalog: Catalog) -> None:
    """Pour the ridge solution into the router's last layer: 7 in logits for the part, 0 for the others."""
    features = torch.from_numpy(router.features(catalog)).double()
    middle, spread = features.mean(0), features.std(0) + 1e-6
    z = torch.hstack([(features - middle) / spread, torch.ones(len(features), 1)])
    hot = 7 * torch.eye(len(PARTS))[router.task.target.encode(catalog.frame["body_part"])].double()
    solved = torch.linalg.solve(z.T @ z + 1e-3 * torch.eye(z.shape[1]), z.T @ hot)
    weight = solved[:-1] / spread[:, None]
    last = router.classifier.head[-1]
    last.load_state_dict({"weight": weight.T.float(), "bias": (solved[-1] - middle @ weight).float()})


def grown(model: Path, catalog: Catalog, folder: Path, unit: int) -> dict[str, float]:
    """What `grows` tells of an own process, in units of so many bytes."""
    catalog.save(folder / "asked.parquet")
    call = [sys.executable, __file__, "--grows", str(model), str(folder / "asked.parquet")]
    told = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    return {key: value / unit for key, value in told.items()}


def grows(model: Path, catalog: Path) -> dict[str, int]:
    """Bytes that this process grows by while it loads a model and predicts; what a first, tiny network needs of torch is not counted."""
    told = Catalog.load(catalog)
    told = told.replace(told.frame.assign(body_part=None))
    create(Backbone(name="test_resnet", pretrained=False), Image(size=SIZE))
    give_back()
    before, floor = status("RssAnon"), status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak begins here
    asked = load(model)
    asked.runtime = Runtime(threads=CORES)
    asked.predict(told)
    peak, kept = status("VmHWM") - floor, status("RssAnon")
    give_back()
    held = status("RssAnon")
    return {"memory": held - before, "freed": kept - held, "peak": peak}


def give_back() -> None:
    """Return to the system what is freed and still kept; glibc."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def status(what: str) -> int:
    """Bytes of this process's memory, as Linux tells them."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(what))


if __name__ == "__main__":
    main()
