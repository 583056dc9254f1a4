"""How much of the set is there more than once, and how many images it is worth."""

import pandas as pd

from overread.audit.base import Context, check
from overread.audit.evidence import sheet, table
from overread.findings import Effect, Finding, Severity
from overread.partition.components import describe
from overread.partition.copies import known_pixels

GRAVE = 0.1
"""Share of a random test part with a copy in train above which a split by image is no longer worth the name."""

TEST = 0.2
"""The random test part that the sentence speaks of."""


@check("repeats")
def repeats(context: Context) -> list[Finding]:
    """Rows, distinct pictures, families of copies, and the effective number of families, in all and in each class.

    The effective number is (sum m)^2 / sum m^2 over families of m rows (Kish 1965): as many different images of equal weight say as much.
    """
    rows = context.rows.assign(family=context.family, pixels=known_pixels(context.rows))
    size = rows.groupby("family")["row"].transform("size")
    beside = float((1 - TEST ** (size - 1)).mean())
    whole = _count(rows)
    largest = _components(context, rows)
    evidence = table(context, "repeats-largest-components", largest)
    if (size == 1).all():
        alone = f"No picture of the {len(rows):,} rows is there twice; no near-copy is known."
        return [Finding("repeats", "data", Severity.INFO, True, alone, evidence=evidence)]
    shown = f"{whole['rows']:,} rows show {whole['distinct pictures']:,} distinct pictures of {whole['families']:,} families of copies"
    worth = f"weigh as much as {whole['effective number']:,} different images"
    sentence = f"A random split by image would give {beside:.0%} of its test images a copy in train: {shown}, and {worth}."
    name = next(iter(context.catalog.targets))
    classes = pd.DataFrame({label: _count(of) for label, of in rows.groupby(name)} | {"all": whole}).T.rename_axis("class").reset_index()
    evidence = [*_largest_family(context, rows), *table(context, "repeats-by-class", classes), *evidence]
    effect = Effect("share of images with a copy in train, were the set split by image", beside, n=len(rows))
    mend = "Split by component (`overread split`), count each picture once, and state the number of distinct images beside the number of rows."
    return [Finding("repeats", "data", Severity.HIGH if beside > GRAVE else Severity.LOW, False, sentence, effect, evidence=evidence, remedy=mend)]


def _count(rows: pd.DataFrame) -> pd.Series:
    size = rows["family"].value_counts()
    counts = {"rows": len(rows), "distinct pictures": rows["pixels"].nunique(), "families": len(size)}
    return pd.Series({**counts, "effective number": round(len(rows) ** 2 / (size**2).sum()), "largest family": size.max()}, dtype=int)


def _components(context: Context, rows: pd.DataFrame) -> pd.DataFrame:
    """One line each of the ten largest components: a wrong link shows as one that swallows the set."""
    top = rows["component"].value_counts().head(10)
    of = rows[rows["component"].isin(top.index)]
    links = context.links[context.links["row"].isin(of["row"])]
    joined = describe(of, of["component"], zip(links["row"], links["other"], strict=True)).str.partition(" joined by ")[2]
    name = next(iter(context.catalog.targets))
    by = of.assign(joined=joined, label=of[name].astype("str")).groupby("component")
    listed = by.agg(
        first=("row", "first"),
        rows=("row", "size"),
        pictures=("pixels", "nunique"),
        labels=("label", lambda labels: ", ".join(sorted(labels.dropna().unique()))),
        parts=("split", lambda parts: ", ".join(sorted(set(parts) - {""}))),
        joined=("joined", "first"),
    )
    words = {"first": "first row", "pictures": "distinct pictures", "joined": "joined by"}
    return listed.loc[top.index[top > 1], (listed != "").any()].rename(columns=words)


def _largest_family(context: Context, rows: pd.DataFrame) -> list[str]:
    """The distinct pictures of the family that has most of them."""
    pictures = rows.drop_duplicates("pixels")
    largest = pictures["family"].value_counts().idxmax()
    shown = pictures[pictures["family"] == largest]
    times = rows["pixels"].map(rows["pixels"].value_counts())[shown.index]
    captions = [f"in {n:,} rows" if n > 1 else "" for n in times]
    return sheet(context, "repeats-largest-family", shown["row"], captions) if len(shown) > 1 else []
