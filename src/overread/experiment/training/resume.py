"""What a training begins from, kept so that going on can tell whether it is still the same."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from overread.catalog import Catalog
from overread.errors import UserError
from overread.progress import note
from overread.run import Run, sha256, whole, write_json
from overread.run.differences import in_catalog, in_environment


def begin(run: Run, found: Catalog, environment: Mapping[str, Any]) -> None:
    """Keep the scanned catalog and the environment of a training; where they were kept before, compare.

    Another environment is let pass, since a cluster's next machine is another one, but it is said: sums are rounded otherwise there, and
    figures may differ from those of an undisturbed run. It stands in the log and under `resumed` in environment.json.

    Raises
    ------
    UserError
        The data are not those that the run was begun with; rows are named, and what is different about them.
    """
    kept, told = run.checkpoints / "catalog.parquet", run.folder / "environment.json"
    if kept.exists():
        differs = in_catalog(run.begun_with, found)
        if differs:
            mend = "give it the data it was begun with, or choose another --out"
            raise UserError(f"the run was begun with other data ({'; '.join(differs)})", str(run.folder), mend)
    resumed = []
    if told.exists():
        changed = in_environment(run.json(told.name), environment)
        resumed = [*run.json(told.name, "resumed"), {"time": datetime.now(UTC).isoformat(timespec="seconds"), "changed": changed}]
        if run.log:
            run.workspace().log(event="resumed", changed=changed)
        if changed:
            words = ", ".join(f"{key} {new} (was {old})" for key, (old, new) in changed.items())
            note(f"going on with {words}: figures may differ from those of an undisturbed run by what rounding moves")
    write_json(told, {**environment, "resumed": resumed})
    run.checkpoints.mkdir(exist_ok=True)
    with whole(kept) as part:
        found.save(part)


def scored_before(run: Run, before: str | None) -> bool:
    """Whether the test predictions, scored and counted once before the run was interrupted, have come out the same: no further reading of test.

    Parameters
    ----------
    before : `foreseen` of the run before its predictions were written anew
    """
    return before is not None and (run.folder / "test_reads.json").exists() and before == foreseen(run)


def foreseen(run: Run) -> str | None:
    """SHA-256 of the run's predictions; None where there are none."""
    path = run.folder / "predictions.parquet"
    return sha256(path) if path.exists() else None
