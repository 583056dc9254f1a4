"""Whether copies are found, and only copies."""

from collections.abc import Iterable

from sections.text import Entry, made, table

SAID = """## Are copies found, and only copies?

{films:,} films of people ({sets}), one of each pixels; of {sources} of them, drawn by lot ({drawn}), one copy is planted among all others,
changed in one way at a time, or in three of the first fourteen ways one after the other (twice). The table gives the share of copies that are
linked to their own film. Of the fourteen {alone}, of the chains {chains}. {peers}
"""

PEERS = """imagededup is used as its readers use it, on the same pictures: its perceptual hash up to a distance of 10, and its CNN from
a cosine of 0.9 with EfficientNet-Lite0 handed to it; and each once more with the loosest threshold that joins no two films falsely."""

NO_PEERS = "imagededup was not installed."

FALSE = """### Links that are none

A pair of two films, or of a copy of one and another film, is false unless it was looked at and shows one patient. Among the films alone
`overread` looks at {candidates:,} candidate pairs, of which at most {at_most:.3%} are linked falsely. Of all pairs of films that it linked in
any of the catalogs, by themselves or through a copy, {judged}. *At most*: the upper end of the one-sided 95 % interval (Clopper and Pearson)
of the share of pictures that stand in a false pair.
"""

WORDS = {"film": "the same exposure", "patient": "one patient, exposed twice in one position", "different": "two patients, or cannot be told"}


def section(told: Entry) -> str:
    """Recall, a row a change, beside false pairs, a row a finder."""
    finders = list(dict.fromkeys(row["finder"] for row in told["rows"]))
    changes = list(dict.fromkeys(_family(row["change"]) for row in told["rows"]))
    by = {
        (finder, change): [r for r in told["rows"] if r["finder"] == finder and _family(r["change"]) == change]
        for finder in finders
        for change in changes
    }
    ours = [row for row in told["rows"] if row["finder"] == "overread"]
    asked = [row for row in ours if not row["harder"] and not row["change"].startswith("chain")]
    said = SAID.format(
        films=told["films"],
        sets=_counts(told["by_set"]),
        drawn=_counts(told["drawn_by_set"]),
        sources=ours[0]["copies"],
        alone=_recall(asked),
        chains=_recall(by["overread", "chain of three"]),
        peers=PEERS if len(finders) > 1 else NO_PEERS,
    )
    recall = [
        (change + (" (harder)" if by["overread", change][0]["harder"] else ""), *(_share(by[finder, change]) for finder in finders))
        for change in changes
    ]
    judged = ", ".join(f"{count} show {WORDS[shows]}" for shows, count in told["judged"].items()) or "none was looked at"
    false = [
        (
            entry["finder"],
            f"{entry['pairs_of_films']:,}",
            f"{entry['pairs_with_a_copy']:,}",
            f"{entry['pairs_possible']:,}",
            f"{entry['pictures_in_one']:,} of {entry['pictures']:,}",
            f"{entry['share_at_most']:.2%}",
        )
        for entry in told["false"]
    ]
    head = ("finder", "false pairs of two films", "with a copy", "pairs there are", "pictures in one", "at most")
    return "\n".join(
        [
            said,
            table(("what was done to the copy", *finders), recall),
            FALSE.format(candidates=told["candidates"], at_most=told["candidates_at_most"], judged=judged),
            table(head, false),
            made(told, "python benchmarks/near_duplicates.py"),
        ]
    )


def _family(change: str) -> str:
    """The draws of chains are one row."""
    return "chain of three" if change.startswith("chain") else change.replace("_", " ")


def _share(rows: Iterable[Entry]) -> str:
    rows = list(rows)
    return f"{sum(row['linked'] for row in rows) / sum(row['copies'] for row in rows):.1%}"


def _recall(rows: list[Entry]) -> str:
    """In words: all in all, and the least."""
    least = min(rows, key=lambda row: row["linked"] / row["copies"])
    return f"{_share(rows)} are found (the least: {_share([least])}, {_family(least['change'])})"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} of `{name}`" for name, count in counts.items())
