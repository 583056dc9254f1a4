"""What copies are worth: the score of a nearest neighbour on small grey pictures, with them and without."""

import numpy as np
import pandas as pd

from overread.audit.alike import found_again
from overread.audit.base import EDGE, Context, check
from overread.audit.neighbour import nearest
from overread.catalog import Target
from overread.evaluation.intervals import clustered_bootstrap, wilson
from overread.findings import Effect, Finding, Severity
from overread.partition.copies import known_pixels

ASKED = 10_000
"""Most images that are asked about; of more, so many are drawn."""

WORTH = 0.02
"""A gain in accuracy below this is not raised."""


@check("memory")
def memory(context: Context) -> list[Finding]:
    """How many labels a nearest neighbour on 32x32 grey thumbnails tells from copies alone.

    It has learnt nothing, so that what it scores on images with a copy in train, beyond what it scores on the others, is the worth of the
    leak (Barz & Denzler 2020, "Do we train on test data?"). The second finding needs no split: each distinct image is given the label of
    its nearest neighbour among all others, and among those outside its own component.
    """
    pictures = context.rows[~known_pixels(context.rows).duplicated()]
    return [
        finding for name, target in context.catalog.targets.items() for finding in (*_leak(context, name), _anywhere(context, pictures, name, target))
    ]


def _leak(context: Context, name: str) -> list[Finding]:
    """The score on test images with a copy in train, and on the others."""
    rows, pixels = context.rows, known_pixels(context.rows)
    known = rows[name].notna()
    test, train = ((rows["split"] == part) & known for part in ("test", "train"))
    found = found_again(rows, context.family, context.links, test, train)
    if found.empty:
        return []
    scored, learnt = rows[test & ~pixels.where(test).duplicated()], rows[train & ~pixels.where(train).duplicated()]
    neighbour = nearest(_flat(context, scored), _flat(context, learnt))
    right = scored[name].to_numpy() == learnt[name].to_numpy()[neighbour]
    copied = pixels[scored.index].isin(pixels[found.index]).to_numpy()
    figure = wilson(right[copied], scored["component"].to_numpy()[copied])
    what = "accuracy of a nearest neighbour on test images with a copy in train"
    effect = Effect(what, float(right[copied].mean()), figure.low, figure.high, int(copied.sum()))
    rest = f"and {right[~copied].mean():.1%} of the {(~copied).sum():,} others" if (~copied).any() else "of which there are no others"
    sentence = (
        f"A nearest neighbour on {EDGE}x{EDGE} grey pictures, which has learnt nothing, gives {right[copied].mean():.1%} of the {copied.sum():,} "
        f"distinct test images with a copy in train their label{_of(context, name)}, {rest}; naming the commonest class would give "
        f"{scored[name].value_counts(normalize=True).max():.1%}."
    )
    mend = "Read every score on this split beside this one: a model must beat it on the images without a copy."
    return [Finding("memory", "data", Severity.LEAK, False, sentence, effect, remedy=mend)]


def _anywhere(context: Context, pictures: pd.DataFrame, name: str, target: Target) -> Finding:
    """The same over the whole set: the nearest of all others, and the nearest outside the image's own component."""
    known = pictures[pictures[name].notna()]
    asked = known.sample(min(len(known), ASKED), random_state=context.seed)
    own = [pd.Index(known["row"]).get_indexer(part["row"]) for part in (asked, known)]
    component = pd.Series(pd.factorize(known["component"])[0], index=known.index)
    features = _flat(context, asked), _flat(context, known)
    label = target.encode(known[name])
    free = nearest(*features, (own[0], own[1]))
    apart = nearest(*features, (component[asked.index].to_numpy(), component.to_numpy()))
    if (apart < 0).any():
        return Finding("memory", "data", Severity.INFO, None, "All images are in one component: no image can be asked for a neighbour outside it.")
    right = [label[found] == label[own[0]] for found in (free, apart)]
    gain = right[0].astype(float) - right[1]
    found = clustered_bootstrap(
        lambda weight: {"gain": weight @ gain / weight.sum(axis=1)}, asked["component"].to_numpy(), draws=context.draws, seed=context.seed
    )["gain"]
    what = "accuracy of a nearest neighbour lost once its own component is closed to it"
    effect = Effect(what, float(gain.mean()), found.low, found.high, len(asked))
    sentence = (
        f"The most similar other image has the same label{_of(context, name)} for {right[0].mean():.1%} of {len(asked):,} distinct images, and for "
        f"{right[1].mean():.1%} once copies and other images of the same component are left out"
    )
    if found.low is None or found.low <= 0 or gain.mean() < WORTH:
        return Finding("memory", "data", Severity.INFO, True, f"{sentence}: little could be gained by memory.", effect)
    mend = "Split by component (`overread split`), never by image."
    return Finding(
        "memory", "data", Severity.HIGH, False, f"{sentence}: that much of a score is memory if the split is by image.", effect, remedy=mend
    )


def _of(context: Context, name: str) -> str:
    """Which label, where there are several."""
    return f" of {name}" if len(context.catalog.targets) > 1 else ""


def _flat(context: Context, rows: pd.DataFrame) -> np.ndarray:
    """(m, 1024) float32 of the rows' thumbnails, in [0, 1]."""
    return np.asarray(context.grey[rows.index.to_numpy()].reshape(len(rows), -1) / 255, np.float32)
