"""Whether the data can be counted in the declared unit, and what is to be said of the units that they hold."""

from collections.abc import Mapping

from overread.catalog import Catalog, Target
from overread.errors import UserError
from overread.evaluation.pooling import check_pool
from overread.evaluation.units import Unit, as_units, gather
from overread.findings import Effect, Finding, Severity
from overread.recipe import Evaluation
from overread.report.show import plural


def check_unit(catalog: Catalog, plan: Evaluation, answered: Mapping[str, Target]) -> None:
    """Refuse a unit that the data do not name, or a pool that cannot be, before anything is learnt.

    Parameters
    ----------
    answered : the targets that will be, the main one first

    Raises
    ------
    UserError
        The key of the declared unit is blank in every row, or see `check_pool`.
    """
    if plan.unit == "image":
        return
    if not named(catalog, plan.unit):
        raise UserError(
            f"no row names its {plan.unit}, and {plural(plan.unit)} are what is to be counted",
            f"evaluation.unit, {catalog.source}",
            f"name the column, ?{plan.unit}=COLUMN, or count images (--set evaluation.unit=image)",
        )
    check_pool(plan.pool, answered)


def named(catalog: Catalog, unit: Unit) -> bool:
    """Whether any row says which unit it belongs to."""
    return unit == "image" or bool((catalog.frame[unit] != "").any())


def by_image(catalog: Catalog, unit: Unit) -> Finding:
    """That a run whose unit is another is scored by image, as these data do not name it."""
    return Finding(
        "unit",
        "data",
        Severity.LOW,
        False,
        f"No row here names its {unit}: images are scored by themselves, with the calibration and threshold of single images.",
        remedy=f"Name the column of the {unit} (?{unit}=COLUMN), so that the figures are of {plural(unit)}, as the run's own are.",
    )


def on_units(catalog: Catalog, unit: Unit) -> list[Finding]:
    """What is to be said of units: that some are not named, and what became of those whose images are of different classes."""
    if unit == "image":
        return []
    rows = catalog.frame[(catalog.frame["copy_of"] == "") & (catalog.frame["split"] != "")]
    units, blank = gather(rows, catalog.frame, unit), rows[unit] == ""
    found: list[Finding] = []
    if blank.any():
        many = f"{blank.sum():,} of {len(rows):,} images name no {unit}: each counts as a {unit} of its own."
        effect = Effect(f"share of images that name no {unit}", float(blank.mean()), n=len(rows))
        found.append(Finding("unit-key", "data", Severity.LOW, False, many, effect, remedy=f"Name the {unit} of these rows, or leave them out."))
    for name, target in catalog.targets.items():
        mixed = units.mixed(units.rows[name], target)
        if not mixed.any():
            continue
        many = f"{mixed.sum():,} of {len(mixed):,} {plural(unit)} hold images of different classes of {name}"
        effect = Effect(f"share of {plural(unit)} with images of different classes", float(mixed.mean()), n=len(mixed))
        if target.kind == "multiclass":
            mend = f"Look at these {plural(unit)}: a wrong label, or a {unit} that is several."
            found.append(Finding("unit-truth", "data", Severity.LOW, False, f"{many}: their truth is unknown.", effect, remedy=mend))
        else:
            counts = f"they count as {target.positive}" if target.kind == "binary" else "they count as the highest"
            found.append(Finding("unit-truth", "data", Severity.INFO, None, f"{many}: {counts}.", effect))
    return found


def counted(catalog: Catalog, unit: Unit) -> Catalog:
    """The catalog with a row a case."""
    return catalog if unit == "image" else as_units(catalog, unit)
