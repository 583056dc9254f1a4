"""A made-up tree of MURA's layout reads as its tables say, and every fault planted in it is told."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from overread.catalog import Catalog, Target
from overread.datasets.base import read
from overread.errors import UserError

Edit = Callable[[list[str]], list[str]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom in MURA's layout."""
    folder = tmp_path_factory.mktemp("mura") / "x"
    read([f"phantom:{folder}?n=150&size=32&layout=mura&seed=5"])
    return folder


@pytest.fixture
def tree(whole: Path, tmp_path: Path) -> Path:
    """A copy of it to plant faults in; returns `MURA-v1.1`."""
    shutil.copytree(whole / "MURA-v1.1", tmp_path / "MURA-v1.1")
    return tmp_path / "MURA-v1.1"


def edit(table: Path, change: Edit) -> None:
    """Rewrite a table by its lines."""
    table.write_text("\n".join(change(table.read_text().splitlines())) + "\n")


def studies(tree: Path, part: str, split: str = "train") -> list[str]:
    """Folders of a body part's studies, as the table names them."""
    table = pd.read_csv(tree / f"{split}_labeled_studies.csv", header=None)[0]
    return sorted(table[table.str.contains(f"XR_{part}/")])


def faults(tree: Path) -> tuple[str, ...]:
    return read([f"mura:{tree}"]).faults


def counted(table: pd.DataFrame) -> dict[tuple[str, ...], int]:
    rows = list(table.astype("str").itertuples(index=False, name=None))
    return {row: rows.count(row) for row in set(rows)}


def by_tables(tree: Path) -> dict[tuple[str, ...], int]:
    """Images a split, part and label, by the four tables alone."""
    rows = []
    for split, part in (("train", "train"), ("valid", "test")):
        label: dict[str, int] = dict(pd.read_csv(tree / f"{split}_labeled_studies.csv", header=None).itertuples(index=False))
        for path in (tree / f"{split}_image_paths.csv").read_text().splitlines():
            rows.append((part, path.split("/")[2][3:].lower(), ("negative", "positive")[label[path.rpartition("/")[0] + "/"]]))
    return counted(pd.DataFrame(rows))


def test_counts_a_part_split_and_label_are_those_of_the_tables(whole: Path) -> None:
    catalog = read([f"mura:{whole}"])

    assert counted(catalog.frame[["split", "body_part", "abnormal"]]) == by_tables(whole / "MURA-v1.1")
    assert list(catalog.targets) == ["abnormal", "body_part"]
    assert catalog.targets["abnormal"] == Target("binary", ("negative", "positive"), "positive")
    assert catalog.targets["body_part"].classes == ("elbow", "finger", "forearm", "hand", "humerus", "shoulder", "wrist")
    assert catalog.covariates == ["body_part", "views"] and catalog.faults == ()


def test_a_study_is_one_of_its_part_and_patient_and_knows_its_views(whole: Path) -> None:
    frame = read([f"mura:{whole}"]).frame
    folder = frame["image"].str.rpartition("/")[0]

    assert (frame.groupby("study")["image"].transform("count") == frame["views"]).all() and set(frame["views"]) == {1, 2, 3}
    assert frame.groupby("study")["abnormal"].nunique().eq(1).all() and frame["study"].nunique() == folder.nunique()
    assert frame["study"].str.fullmatch(r"[a-z]+/\d{5}/\d").all() and frame["patient"].str.fullmatch(r"\d{5}").all()
    assert frame["image"].str.startswith("MURA-v1.1/").all() and all(Path(file).is_file() for file in frame["file"])


def test_the_folder_above_the_folder_itself_the_tables_alone_and_the_folders_alone_name_the_same_images(tree: Path) -> None:
    told = ["image", "abnormal", "patient", "study", "split", "body_part", "views"]
    whole = read([f"mura:{tree.parent}?name=x"]).frame[told]
    pd.testing.assert_frame_equal(read([f"mura:{tree}"]).frame[told], whole)

    tables = [table.rename(tree.parent / table.name) for table in tree.glob("*.csv")]
    bare = read([f"mura:{tree}"])
    pd.testing.assert_frame_equal(bare.frame[told], whole)
    assert sum("is missing: the folders are believed" in fault for fault in bare.faults) == 4

    shutil.rmtree(tree)
    tree.mkdir()
    for table in tables:
        table.rename(tree / table.name)
    listed = read([f"mura:{tree}"])
    pd.testing.assert_frame_equal(listed.frame[told], whole)
    assert sum("without a file: rejected when images are read" in fault for fault in listed.faults) == 2


def test_what_systems_leave_behind_is_no_image(tree: Path) -> None:
    n = len(read([f"mura:{tree}"]))
    study = tree.parent / studies(tree, "HAND")[0]
    for litter in (study / "._image1.png", study / "Thumbs.db", tree / "train" / ".DS_Store", tree / "._train_image_paths.csv"):
        litter.write_bytes(b"litter")

    assert len(read([f"mura:{tree}"])) == n and faults(tree) == ()


def test_a_folder_without_a_label_has_that_of_the_table_or_none(tree: Path) -> None:
    known, unknown = studies(tree, "ELBOW")[:2]
    for study in (known, unknown):
        bare = study.rpartition("_")[0] + "/"
        (tree.parent / study).rename(tree.parent / bare)
        edit(tree / "train_image_paths.csv", lambda lines, study=study, bare=bare: [line.replace(study, bare) for line in lines])  # type: ignore[misc]
    bare = known.rpartition("_")[0] + "/"
    edit(tree / "train_labeled_studies.csv", lambda lines: [line.replace(known, bare) for line in lines if not line.startswith(unknown)])
    catalog = read([f"mura:{tree}"])
    labels = catalog.frame.set_index(catalog.frame["image"].str.rpartition("/")[0] + "/")["abnormal"]

    assert set(labels[[bare]]) == {"positive" if "positive" in known else "negative"}
    assert labels[[unknown.rpartition("_")[0] + "/"]].isna().all() and labels.isna().sum() == (labels.index == unknown.rpartition("_")[0] + "/").sum()
    assert catalog.faults == (
        "2 studies of train in a folder without a label in its name: 1 labelled by train_labeled_studies.csv, the rest unknown "
        f"(elbow 2; first: row {catalog.frame.index[catalog.frame['body_part'] == 'elbow'][0]}).",
    )


def test_labels_that_contradict_are_unknown_and_told_first_place_and_part(tree: Path) -> None:
    torn = studies(tree, "WRIST")[1]
    edit(tree / "train_labeled_studies.csv", lambda lines: [line[:-1] + "10"[int(line[-1])] if line.startswith(torn) else line for line in lines])
    catalog = read([f"mura:{tree}"])
    own = catalog.frame["image"].str.startswith(torn)

    assert catalog.frame["abnormal"].isna().equals(own) and (catalog.frame.loc[own, "body_part"] == "wrist").all()
    first = catalog.frame.index[own][0]
    assert catalog.faults == (f"The labels contradict each other in 1 study of train: taken as unknown (wrist 1; first: row {first}).",)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (lambda label: "", "1 study of train in a folder without a label in its name: 1 labelled by train_labeled_studies.csv"),
        (
            lambda label: "_negative" if label == "positive" else "_positive",
            "The labels contradict each other in 1 study of train: taken as unknown",
        ),
    ],
)
def test_a_folder_that_was_renamed_holds_the_images_that_the_table_lists(tree: Path, other: Callable[[str], str], told: str) -> None:
    study = studies(tree, "SHOULDER")[0].rstrip("/")
    before = read([f"mura:{tree}"]).frame
    stem, _, label = study.rpartition("_")
    (tree.parent / study).rename(tree.parent / f"{stem}{other(label)}")
    catalog = read([f"mura:{tree}"])
    own = catalog.frame["image"].str.startswith(f"{stem}{other(label)}/")

    assert catalog.frame["study"].tolist() == before["study"].tolist() and own.sum() == before["image"].str.startswith(study).sum()
    assert all(Path(file).is_file() for file in catalog.frame["file"])
    assert set(catalog.frame.loc[own, "abnormal"].fillna("unknown")) == ({label} if "without" in told else {"unknown"})
    assert [fault.partition(" (")[0] for fault in catalog.faults] == [told]


def test_a_part_whose_files_are_lost_is_missing_though_the_table_lists_it(tree: Path) -> None:
    shutil.rmtree(tree / "valid" / "XR_FINGER")
    lost = sum(n for (split, part, _), n in by_tables(tree).items() if (split, part) == ("test", "finger"))

    assert [fault.partition(" (")[0] for fault in faults(tree)] == [
        f"{lost} image{'s' * (lost > 1)} of valid_image_paths.csv without a file: rejected when images are read",
        "Valid lacks a body part that train has: finger.",
    ]


def test_a_line_of_its_own_is_no_other_files_though_the_study_is_torn(tree: Path) -> None:
    study = studies(tree, "HAND")[0].rstrip("/")
    stem, _, label = study.rpartition("_")
    other = f"{stem}_{'negative' if label == 'positive' else 'positive'}"
    shutil.copytree(tree.parent / study, tree.parent / other)
    (tree.parent / study / "image1.png").unlink()
    edit(tree / "train_image_paths.csv", lambda lines: [*lines, f"{other}/image1.png"])

    assert {f"{study}/image1.png", f"{other}/image1.png"} <= set(read([f"mura:{tree}"]).frame["image"])
    assert any(fault.startswith("1 image of train_image_paths.csv without a file") for fault in faults(tree))


def test_lines_without_files_and_files_without_lines_are_rows_and_told(tree: Path) -> None:
    gone, unlisted = (tree.parent / studies(tree, part)[0] / "image1.png" for part in ("HAND", "HUMERUS"))
    gone.unlink()
    edit(tree / "train_image_paths.csv", lambda lines: [line for line in lines if not str(unlisted).endswith(line)])
    catalog = read([f"mura:{tree}"])

    assert {str(gone), str(unlisted)} <= set(catalog.frame["file"])
    assert [fault.partition(" (")[0] for fault in catalog.faults] == [
        "1 image of train_image_paths.csv without a file: rejected when images are read",
        "1 file without a line in train_image_paths.csv: read all the same",
    ]


def test_lines_that_lead_outside_are_refused_and_others_that_say_nothing_counted(tree: Path) -> None:
    (tree.parent / "secret.png").write_bytes((tree.parent / studies(tree, "HAND")[0] / "image1.png").read_bytes())
    n = len(read([f"mura:{tree}"]))
    outside = ["MURA-v1.1/../secret.png", "/etc/passwd", r"C:\films\a.png", r"MURA-v1.1\..\secret.png"]
    strange = ["MURA-v1.1/train/XR_WRIST/patient0", "MURA-v1.1/valid/XR_WRIST/patient00001/study1_positive/image1.png", "Bild;Ä\ufffd", '"quoted",1']
    edit(tree / "train_image_paths.csv", lambda lines: [*outside, *strange, lines[0], *lines])
    edit(
        tree / "valid_labeled_studies.csv",
        lambda lines: [f'"{lines[0][:-2]}",{lines[0][-1]}', *lines, "MURA-v1.1/valid/XR_HAND/patient00001/study1_posi"],
    )
    catalog = read([f"mura:{tree}"])

    assert len(catalog) == n and not catalog.frame["file"].str.contains("secret|passwd|films").any()
    assert [fault.partition(" (")[0] for fault in catalog.faults] == [
        "4 lines of train_image_paths.csv pointing out of the folder: refused",
        "4 lines of train_image_paths.csv of no such form, or of another split: left out",
        "1 line of train_image_paths.csv repeating another: counted once",
        "1 line of valid_labeled_studies.csv of no such form, or of another split: left out",
        "1 line of valid_labeled_studies.csv repeating another: counted once",
    ]


def test_studies_that_only_one_side_knows_are_told(tree: Path) -> None:
    unlisted = studies(tree, "FINGER")[0]
    alone = "MURA-v1.1/train/XR_HAND/patient77777/study1_positive/,1"
    edit(tree / "train_labeled_studies.csv", lambda lines: [*(line for line in lines if not line.startswith(unlisted)), alone])

    one, other = faults(tree)
    assert one.startswith("1 study without a line in train_labeled_studies.csv: the folder's name is believed (finger 1;")
    assert other.startswith("1 study of train_labeled_studies.csv without an image (hand 1; first: line")
    assert "77777" not in other


def test_a_part_missing_in_valid_a_part_unknown_to_mura_and_strange_files_are_told(tree: Path) -> None:
    for table, kept in (("valid_image_paths.csv", "XR_HAND"), ("valid_labeled_studies.csv", "XR_HAND")):
        edit(tree / table, lambda lines, kept=kept: [line for line in lines if kept not in line])  # type: ignore[misc]
    shutil.rmtree(tree / "valid" / "XR_HAND")
    (tree / "valid/XR_KNEE/patient99999/study1_negative/more").mkdir(parents=True)
    picture = (tree.parent / studies(tree, "WRIST")[0] / "image1.png").read_bytes()
    (tree / "valid/XR_KNEE/patient99999/study1_negative/image1.png").write_bytes(picture)
    (tree / "train" / "loose.png").write_bytes(picture)
    catalog = read([f"mura:{tree}"])

    assert "knee" in catalog.targets["body_part"].classes and not catalog.frame["image"].str.contains("loose").any()
    assert {fault.partition(" (")[0] for fault in catalog.faults} >= {
        "2 files or folders where MURA has none: left out.",
        "Train lacks a body part that valid has: knee.",
        "Valid lacks a body part that train has: hand.",
        "1 image of none of MURA's seven body parts",
    }


def test_one_part_alone_asks_one_question(tree: Path) -> None:
    for split in ("train", "valid"):
        for part in (tree / split).iterdir():
            if part.name != "XR_WRIST":
                shutil.rmtree(part)
        for table in tree.glob(f"{split}*.csv"):
            edit(table, lambda lines: [line for line in lines if "XR_WRIST" in line])
    catalog = read([f"mura:{tree}"])

    assert list(catalog.targets) == ["abnormal"] and set(catalog.frame["body_part"]) == {"wrist"} and catalog.faults == ()


def test_two_sources_are_joined_with_both_targets_and_the_faults_of_each(tree: Path, whole: Path) -> None:
    (tree / "valid_image_paths.csv").unlink()
    both = read([f"mura:{tree}?name=a", f"mura:{whole}?name=b"])

    assert list(both.targets) == ["abnormal", "body_part"] and isinstance(both, Catalog)
    assert both.faults == ("a: The table valid_image_paths.csv is missing: the folders are believed.",)


@pytest.mark.parametrize(
    ("path", "words"),
    [("gone", "no such folder"), ("file.png", "a file, not a folder"), ("empty", "no MURA"), ("bare/train", "no MURA"), ("bare", "no image")],
)
def test_what_is_no_mura_is_an_error(tmp_path: Path, path: str, words: str) -> None:
    (tmp_path / "file.png").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "bare" / "train").mkdir(parents=True)
    with pytest.raises(UserError, match=words):
        read([f"mura:{tmp_path / path}"])


def test_the_main_target_may_be_renamed_but_not_as_a_column_of_its_own(whole: Path) -> None:
    assert list(read([f"mura:{whole}?target=sick&merge=ill:positive&positive=ill"]).targets) == ["sick", "body_part"]
    with pytest.raises(UserError, match="'body_part' is a column of its own"):
        read([f"mura:{whole}?target=body_part"])
