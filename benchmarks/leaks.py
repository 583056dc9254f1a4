"""What near-copies and components are worth on real images: which leaks of published sets are found in the pixels, and what is not a leak.

    OVERREAD_DATA=... OVERREAD_WEIGHTS=... python benchmarks/leaks.py [NAME ...]

Patients, lesions and base names are taken out of every table before anything is looked for and serve as the answer to compare with; where a
line says "with patients read", they are given back. All thresholds are the package's own, the same for all sets. Sets that are named are
measured without being recorded.
"""

import argparse
import os
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd
from blind import Row, blind, count, figure
from fractures import fractures
from record import record

from overread.audit.base import Context
from overread.audit.data.copies import copies
from overread.audit.data.guess import guess
from overread.audit.data.keys import keys
from overread.partition import partition
from overread.progress import shown
from overread.recipe import Split

SEED = 0


def knees(data: str) -> list[Row]:
    """The clean control: from pixels nothing may be joined; with patients read the published split is clean, one by image is not."""
    name, seen = "knee_kl", blind(f"table:{data}/knee_kl/manifest.csv?label=label&kind=ordinal")
    frame = seen.rows
    by_image = pd.Series(np.random.default_rng(SEED).choice(["train", "val", "test"], len(frame), p=Split().fractions), index=frame.index)
    ours = partition(seen.opened("patient"), Split(), SEED, seen.pairs)[0].frame["split"]
    told = [count(name, "pairs joined from pixels alone, any of which is false", len(seen.links), len(frame), "0")]
    splits = {"the published split": frame["split"], "a random split by image": by_image, "the split of `overread`": ours}
    for words, split in splits.items():
        aim = "> 0" if split is by_image else "0"
        patient, test = seen.answer["patient"], split == "test"
        torn = split.groupby(patient).agg("nunique") > 1
        known = patient[test].isin(patient[split == "train"])
        told += [
            count(name, f"{words}, patients read: patients in two parts", torn.sum(), len(torn), aim),
            count(name, f"{words}, patients read: test images of a patient in train", known.sum(), test.sum(), aim),
            count(name, f"{words}, patients read: findings of the audit on copies and keys", raised(seen.context("patient", split=split)), aim=aim),
        ]
    return told


def brains(data: str) -> list[Row]:
    """Copies of test files in train, and what was done to those that are not byte-identical."""
    name, seen = "brain_mri_4class", blind(f"table:{data}/brain_mri_4class/manifest.csv?label=label")
    test = seen.rows["split"] == "test"
    found = seen.again(test, seen.rows["split"] == "train")
    kinds, near = found["kind"].value_counts(), found[found["kind"] == "near-copy"]
    direct, turned, mirrored = near["correlation"].notna(), near["angle"].abs() > 45, near["mirrored"].eq(True)
    ways = {
        "neither turned nor mirrored": direct & ~mirrored & ~turned,
        "turned": direct & turned & ~mirrored,
        "mirrored": direct & mirrored & ~turned,
        "turned and mirrored": direct & mirrored & turned,
        "by way of a third picture": ~direct,
    }
    torn = seen.rows["label"].groupby(seen.family).agg("nunique") > 1
    return [
        count(name, "test files byte-identical to a train file", kinds.get("byte-identical", 0), test.sum(), "216"),
        count(name, "other test files with the pixels of a train file", kinds.get("pixel-identical", 0), test.sum()),
        *[count(name, f"other test files with a near-copy in train, {words}", mask.sum(), test.sum()) for words, mask in ways.items()],
        count(name, "test files with any copy in train", len(found), test.sum()),
        count(name, "components with two labels", torn.sum(), len(torn)),
    ]


def eyes(data: str) -> list[Row]:
    """Labels that contradict each other, both eyes of a patient, and a label that file facts give away."""
    name, seen = "fundus_4class", blind(f"table:{data}/fundus_4class/manifest.csv?label=label")
    both = seen.rows["label"].groupby(seen.family).agg(set)
    twice = both[both.map(lambda labels: labels == {"cataract", "glaucoma"})]
    same_bytes = seen.rows.groupby("bytes_sha")["label"].agg(set).map(lambda labels: labels == {"cataract", "glaucoma"})
    together = seen.context("patient").rows
    pairs = together[together["patient"] != ""].groupby("patient")["component"].agg(["size", "nunique"]).query("size > 1")
    known = (seen.linked["patient"] != "") & (seen.linked["patient_other"] != "")
    one = seen.linked["patient"] == seen.linked["patient_other"]
    told = guess(seen.context("patient"))[0].effect
    return [
        count(name, "components labelled both cataract and glaucoma", len(twice), aim="2"),
        count(name, "of these, byte-identical files", int(same_bytes.sum()), aim="2"),
        count(name, "components with two labels", (both.map(len) > 1).sum(), len(both)),
        count(name, "near-copies between two known patients", (known & ~one).sum(), len(seen.links), "0"),
        count(name, "near-copies between the two eyes of a patient", (known & one).sum(), len(seen.links)),
        count(name, "patients with several images in one component, patients read", (pairs["nunique"] == 1).sum(), len(pairs), "all"),
        *([figure(name, f"{told.name}, patients read", told, len(seen.rows), "0.907")] if told else []),
    ]


def two_packs(data: str) -> list[Row]:
    """The originals that two sets hold in different re-encodings, told by the hash of the published file."""
    one, other = "fracatlas", "fracture_multiregion"
    seen = blind(*(f"table:{data}/{name}/manifest.csv?label=label&name={name}" for name in (one, other)))
    here = seen.rows["source"] == one
    held = pd.DataFrame({"original": seen.rows["orig_sha1"], "family": seen.family})
    shared = held[here].merge(held[~here], on="original", suffixes=("", "_other"))
    found = (shared["family"] == shared["family_other"]).groupby(shared["original"]).any()
    again = seen.again(here, ~here)
    others = ~again["row"].isin(seen.rows["row"][seen.rows["orig_sha1"].isin(shared["original"])])
    name = f"{one} against {other}"
    return [
        count(name, "originals in both that are joined from pixels", found.sum(), len(found), ">= 60"),
        count(name, f"images of {one} joined to one of {other}", len(again), here.sum()),
        count(name, "of these, whose original file is in one of the two alone", others.sum(), len(again)),
    ]


def lesions(data: str) -> list[Row]:
    """Near-copies against lesions: several exposures of one lesion are no copies, but those that are belong to one lesion."""
    name, seen = "ham10000_200x150", blind(f"table:{data}/ham10000_200x150/manifest.csv?label=label")
    within = seen.linked["group"] == seen.linked["group_other"]
    size = seen.rows.assign(lesion=seen.answer["group"], family=seen.family).groupby("lesion")["family"].agg(["size", "nunique"]).query("size > 1")
    return [
        count(name, "near-copies within a lesion", within.sum(), len(within)),
        count(name, "lesions with several images, two of which are joined", (size["nunique"] < size["size"]).sum(), len(size)),
        count(name, "lesions with several images, all of which are joined", (size["nunique"] == 1).sum(), len(size)),
    ]


SETS: dict[str, Callable[[str], list[Row]]] = {
    "fractures": fractures,
    "knees": knees,
    "brains": brains,
    "eyes": eyes,
    "two-packs": two_packs,
    "lesions": lesions,
}


def raised(context: Context) -> int:
    """How often the checks on copies and on keys find something."""
    return sum(finding.passed is False for check in (copies, keys) for finding in check(context))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(SETS)}; all, and recorded, if none is named")
    given = asked.parse_args()
    if "OVERREAD_DATA" not in os.environ:
        asked.error("set OVERREAD_DATA to the folder of real images")
    begun = perf_counter()
    told: list[Row] = []
    for name in given.names or list(SETS):
        with shown():
            rows = SETS[name](os.environ["OVERREAD_DATA"])
        print(pd.DataFrame(rows, dtype=object).to_string(index=False), flush=True)
        told += rows
    if not given.names:
        print(record("leaks", SEED, told, seconds=round(perf_counter() - begun)))


if __name__ == "__main__":
    main()
