"""What a model costs: seconds of fitting, images a second, bytes on disk; timings, so no two runs have the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from overread.run import Run, write_json


class Costs:
    """Adds up what the fits of one run cost."""

    def __init__(self) -> None:
        self._fits: list[float] = []
        self._predicted: list[tuple[int, float]] = []

    @contextmanager
    def fitting(self) -> Iterator[None]:
        """Time a fit, features included."""
        began = perf_counter()
        yield
        self._fits.append(perf_counter() - began)

    @contextmanager
    def predicting(self, rows: int) -> Iterator[None]:
        """Time the prediction of so many test rows."""
        began = perf_counter()
        yield
        self._predicted.append((rows, perf_counter() - began))

    def write(self, run: Run, resumed: bool) -> None:
        """Write ``costs.json`` into a run's folder.

        ``train_seconds`` of all ``fits`` (with folds several), ``images_per_second`` of predicting test rows (with folds those of the first
        one, as later ones find features that were made for it), ``bytes`` of the model's folder, ``resumed``: the seconds before an
        interruption are then not among these, and ``stored``: features were there from an earlier run, so that neither the seconds nor the
        rate hold their making.
        """
        rows, seconds = self._predicted[0]
        write_json(
            run.folder / "costs.json",
            {
                "train_seconds": round(sum(self._fits), 3),
                "fits": len(self._fits),
                "images_per_second": round(rows / seconds, 2) if rows else None,
                "bytes": sum(file.stat().st_size for file in (run.folder / "model").rglob("*") if file.is_file()),
                "resumed": resumed,
                "stored": _stored(run),
            },
        )


def _stored(run: Run) -> bool:
    """Whether the first fit found features in the store."""
    log = run.log if (run.folder / "log.jsonl").is_file() else []
    first: dict[str, Any] = next((event for event in log if event.get("event") == "features"), {"networks": {}})
    return any(told.get("kept") for told in first["networks"].values())
