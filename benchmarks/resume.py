"""A training that is killed at ten random moments, two of them while it writes a checkpoint, against the one that is left alone.

    python benchmarks/resume.py

Every random thing there is takes part: augmentation, a sampler, dropout. Ten runs are killed once each, by SIGKILL, which no process can
prepare for, and then resumed until they are done; an eleventh is killed ten times in turn. A kill while a checkpoint is written is planted:
the process writes half of the file and kills itself. `equal` is of figures, predictions and the model's bytes.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
import pandas as pd
import torch
from PIL import Image
from record import record

from overread.learners.finetune import checkpoint
from overread.recipe import Recipe, load
from overread.run import Run

FILMS, SIZE, KILLS, WRITES, SEED = 240, 96, 10, 2, 0

SETTINGS = [
    f"image.size={SIZE}",
    "learner.augment=strong",
    "learner.balance=sampler",
    "learner.head.dropout=[0.5]",
    "learner.phases=[{trains: head, epochs: 2, rate: 2e-3}, {trains: all, epochs: 6, rate: 4e-4, decay: 0.7, warm_up: 1}]",
    "evaluation.draws=500",
    "runtime.threads=1",
]

CHILD = """
import os, signal, sys
from pathlib import Path
from time import perf_counter
from overread.experiment.train import train
from overread.learners.finetune import checkpoint
from overread.recipe import load

recipe, out, fatal = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
write, whole, writes = Path.write_bytes, checkpoint.write, iter(range(1, 1000))

def half(path, data):
    if "checkpoint" in path.name and next(writes) == fatal:
        write(path, data[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    return write(path, data)

def timed(*given):
    began = perf_counter()
    whole(*given)
    print(perf_counter() - began, flush=True)

Path.write_bytes, checkpoint.write = half, timed
train(load(recipe), out, resume=True)
"""
"""Trains, or goes on; tells how long each checkpoint took; dies in the middle of the one whose number it is given, if any."""


def main() -> None:
    draw = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        os.environ["OVERREAD_CACHE"] = f"{scratch}/cache"
        told = place / "recipe.yaml"
        told.write_text(films(place / "films").dump())
        began = perf_counter()
        written = finish(told, place / "alone")
        lasted, alone = perf_counter() - began, Run.open(place / "alone")
        epochs = [event for event in alone.log if "epoch" in event]
        step = statistics.median(event["seconds"] for event in epochs)
        rows = []
        for number in range(KILLS):
            out, planted = place / f"run {number}", number < WRITES
            fatal = int(draw.integers(2, len(epochs))) if planted else 0
            while not killed(told, out, float(draw.uniform(0, len(epochs) + 1)), step, fatal):
                out = place / f"{out.name}, again"  # it was done before its moment came
            row = {"killed": "while it wrote a checkpoint" if planted else "at random", **standing(Run(out), len(epochs))}
            finish(told, out)
            rows.append({**row, "equal": equal(Run.open(out), alone), "test_reads": len(Run(out).json("test_reads.json"))})
            print(rows[-1], flush=True)
        out, met = place / "in turn", []
        for number, moment in enumerate(np.sort(draw.uniform(0, len(epochs) + 1, KILLS))):
            if killed(told, out, float(moment), step, int(number in (3, 6))):
                met.append(standing(Run(out), len(epochs))["when"])
        finish(told, out)
        in_turn = {"kills": met, "equal": equal(Run.open(out), alone), "test_reads": len(Run(out).json("test_reads.json"))}
    tuned = [event["seconds"] for event in epochs if event["trains"] == "all"]
    path = record(
        "resume",
        SEED,
        rows,
        settings=SETTINGS,
        films=FILMS,
        epochs=len(epochs),
        torch=torch.__version__,
        seconds_alone=round(lasted, 1),
        epoch_seconds=round(statistics.median(tuned), 2),
        checkpoint_seconds=round(statistics.median(written[-len(tuned) - 1 : -1]), 3),
        in_turn=in_turn,
    )
    print(pd.DataFrame(rows).to_string(index=False), in_turn, path, sep="\n")


def films(place: Path) -> Recipe:
    """Write grey films, two a patient, every other patient's with a faint bar; returns the recipe that trains on them."""
    draw = np.random.default_rng(SEED)
    place.mkdir()
    table = pd.DataFrame({"image": [f"{i}.png" for i in range(FILMS)], "patient": [f"p{i // 2}" for i in range(FILMS)]})
    table["label"] = np.where(np.arange(FILMS) // 2 % 2, "broken", "not broken")
    for name, label in zip(table["image"], table["label"], strict=True):
        film = draw.normal(90, 25, (SIZE, SIZE))
        at = int(draw.integers(8, SIZE - 16))
        film[at : at + 6, 16:-16] += 20 * (label == "broken")
        Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(place / name)
    table.to_csv(place / "films.csv", index=False)
    return load("default", SETTINGS, [f"table:{place / 'films.csv'}"])


def start(recipe: Path, out: Path, fatal: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", CHILD, str(recipe), str(out), str(fatal)], stdout=subprocess.PIPE, text=True)


def finish(recipe: Path, out: Path) -> list[float]:
    """Train, or go on, to the end; seconds that each checkpoint took."""
    process = start(recipe, out)
    told = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"{out.name} did not end well")
    return [float(line) for line in told.split()]


def killed(recipe: Path, out: Path, moment: float, step: float, fatal: int) -> bool:
    """Kill a training, or let it kill itself in the middle of a checkpoint; False if it was done before.

    Parameters
    ----------
    moment : epochs, and a share of one, after which to kill it
    step : seconds an epoch takes
    fatal : the checkpoint in which it kills itself, 0 for none
    """
    process, run = start(recipe, out, fatal), Run(out)
    while not fatal and process.poll() is None:
        if f"process {process.pid} " in said(out / ".lock") and learnt(run) >= int(moment):
            sleep(moment % 1 * step)
            process.kill()
        sleep(0.01)
    process.communicate()
    if process.returncode not in (0, -signal.SIGKILL):
        raise SystemExit(f"{out.name} did not end well")
    return process.returncode == -signal.SIGKILL and '"done"' not in said(out / "status.json")


def standing(run: Run, epochs: int) -> dict[str, object]:
    """Where a kill met a training, and what it cost: epochs that were learnt and judged but have to be run through again."""
    kept = checkpoint.read(run.checkpoints / "model" / "checkpoint.safetensors")
    finished, known = learnt(run), int(kept[1]["place"]["epoch"]) if kept else 0
    begun = (run.checkpoints / "catalog.parquet").exists()
    when = "before learning" if not begun else f"epoch {finished + 1}" if finished < epochs else "after learning"
    if finished > known:
        when = f"the checkpoint of epoch {finished}"
    return {"when": when, "epochs_finished": finished, "epochs_kept": known, "epochs_lost": finished - known}


def learnt(run: Run) -> int:
    """Epochs in the log."""
    return max((event.get("epoch", 0) for event in run.log), default=0) if (run.folder / "log.jsonl").exists() else 0


def said(path: Path) -> str:
    """A file's text, which may not be there yet, or any more."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def equal(run: Run, alone: Run) -> bool:
    """Whether figures, predictions and model are those of the run that was left alone, to the last bit."""
    one, other = ((r.folder / "model" / "model.safetensors").read_bytes() for r in (run, alone))
    return run.metrics == alone.metrics and run.predictions.equals(alone.predictions) and one == other


if __name__ == "__main__":
    main()
