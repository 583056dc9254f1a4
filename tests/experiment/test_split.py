import shutil

import cv2
import pandas as pd
import pytest

from overread.catalog import Catalog
from overread.cli.app import answer
from overread.errors import UserError
from overread.experiment.split import split
from overread.partition import partition
from overread.recipe import Split


@pytest.fixture
def source(trained, monkeypatch):
    """The films that a run was trained on; near-copies are asked for where a test is about them."""
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    return f"table:{trained.films / 'films.csv'}"


def read(path):
    return pd.read_csv(path, keep_default_na=False)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_sources_rows_come_back_in_order_with_split_component_and_why(source, trained, tmp_path, kind):
    split(source, tmp_path / f"split.{kind}", near_copies=False)

    given = pd.read_csv(trained.films / "films.csv")
    made = pd.read_csv(tmp_path / "split.csv") if kind == "csv" else pd.read_parquet(tmp_path / "split.parquet")
    assert made["image"].tolist() == given["image"].tolist()
    assert (made["why"].fillna("") != "").all()
    placed = made[made["split"].isin(["train", "val", "test"])]
    assert placed.groupby("patient")["split"].nunique().max() == 1
    assert placed["split"].value_counts(normalize=True)["train"] == pytest.approx(0.7, abs=0.03)
    assert [path.name for path in tmp_path.iterdir()] == [f"split.{kind}"]


def test_what_the_reader_found_wrong_is_told(tmp_path):
    films = f"phantom:{tmp_path / 'films'}?n=160&size=32&layout=mura"
    clean = split(films, tmp_path / "clean.csv", near_copies=False)
    (tmp_path / "films" / "MURA-v1.1" / "train_image_paths.csv").unlink()
    faulty = split(films, tmp_path / "split.csv", near_copies=False)

    assert ["train_image_paths.csv is missing" in finding.sentence for finding in faulty.findings if finding.check == "source"] == [True]
    assert not any("is missing" in finding.sentence for finding in clean.findings)


def test_the_split_is_the_one_that_training_makes(source, trained, tmp_path):
    split(source, tmp_path / "split.csv", fractions=[0.5, 0.2, 0.3], near_copies=False)
    learnt = Catalog.load(trained.folder / "catalog.parquet")
    again, _ = partition(learnt.replace(learnt.frame.assign(split="")), Split(fractions=(0.5, 0.2, 0.3)), 0)

    made = read(tmp_path / "split.csv").set_index("image")
    assert made.loc[again.frame["image"], "split"].tolist() == again.frame["split"].tolist()


def test_rows_that_cannot_be_read_are_kept_with_the_reason_and_no_split(source, trained, tmp_path):
    result = split(source, tmp_path / "split.csv", near_copies=False)
    made = read(tmp_path / "split.csv").set_index("image")
    assert made.loc["words.png", "split"] == ""
    assert made.loc["words.png", "why"].startswith("rejected: ")
    assert result.content["rejected"] == trained.unreadable


def test_the_shares_that_came_out_are_told(source, tmp_path):
    result = split(source, tmp_path / "split.csv", fractions=[0.6, 0.2, 0.2], near_copies=False)

    told = pd.DataFrame(result.content["shares"])
    assert len(told) == 6 and (told["wished"].unique() == [0.6, 0.2]).all()
    assert (told["share_of_images"] - told["wished"]).abs().max() < 0.05
    assert "wished-shares" in [finding.check for finding in result.findings if finding.passed]


def test_folds_put_every_patient_in_one_fold(source, tmp_path):
    split(source, tmp_path / "split.csv", folds=4, near_copies=False)
    made = pd.read_csv(tmp_path / "split.csv").dropna(subset="fold")
    assert set(made["fold"]) == {0, 1, 2, 3}
    assert made.groupby("patient")["fold"].nunique().max() == 1


def test_repeated_and_nested_folds_are_columns(source, tmp_path):
    split(source, tmp_path / "split.csv", folds=3, repeats=2, inner=2, near_copies=False)
    made = pd.read_csv(tmp_path / "split.csv").dropna(subset="fold_0")

    assert (made["fold_0"] != made["fold_1"]).any()
    for repeat in range(2):
        for fold in range(3):
            inner = made[f"inner_{repeat}_{fold}"]
            assert inner.isna().eq(made[f"fold_{repeat}"] == fold).all()
            assert set(inner.dropna()) == {0, 1}
            assert made.assign(inner=inner).groupby("patient")["inner"].nunique().max() == 1
    with pytest.raises(UserError, match="folds within folds"):
        split(source, tmp_path / "other.csv", inner=2, near_copies=False)


def test_a_site_is_held_out(source, trained, tmp_path):
    site = pd.read_csv(trained.films / "films.csv")["site"].iloc[0]
    split(source, tmp_path / "split.csv", hold_out=f"site={site}", near_copies=False)
    made = read(tmp_path / "split.csv")

    assert set(made.loc[made["split"] == "test", "site"]) == {site}
    assert site not in set(made.loc[made["split"].isin(["train", "val"]), "site"])


def test_what_cannot_be_is_refused_before_an_image_is_read(source, tmp_path):
    for ways in ({"hold_out": "sight=a"}, {"extend": str(tmp_path / "none.csv")}, {"fold": 3}, {"folds": 3, "published": True}):
        with pytest.raises(UserError):
            split(source, tmp_path / "split.csv", **ways)
    assert not list(tmp_path.iterdir())


def test_a_published_split_is_repaired_and_the_cost_told(trained, source, tmp_path):
    table = pd.read_csv(trained.films / "films.csv")
    parts = ["train", "train", "val", "test", "train"]
    table.assign(split=[parts[i % 5] for i in range(len(table))], image=str(trained.films) + "/" + table["image"]).to_csv(
        tmp_path / "p.csv", index=False
    )
    result = split(f"table:{tmp_path / 'p.csv'}", tmp_path / "split.csv", published=True, repair="move", near_copies=False)

    made = read(tmp_path / "split.csv")
    placed = made[made["split"] != ""]
    assert placed.groupby("patient")["split"].nunique().max() == 1
    assert sum(entry["moved"] for entry in result.content["repair"]) == (placed["split"] != placed["published"]).sum() > 0


def test_a_frozen_split_is_extended_without_moving_anyone(trained, source, tmp_path):
    table = pd.read_csv(trained.films / "films.csv")
    early = trained.films / "early.csv"
    table.iloc[:120].to_csv(early, index=False)
    try:
        split(f"table:{early}", tmp_path / "old.csv", near_copies=False)
    finally:
        early.unlink()
    result = split(source, tmp_path / "new.csv", extend=str(tmp_path / "old.csv"), seed=3, near_copies=False)

    old, new = (read(tmp_path / name).set_index("image") for name in ("old.csv", "new.csv"))
    placed = old[old["split"] != ""]
    assert (new.loc[placed.index, "split"] == placed["split"]).all()
    assert (new["split"] != "").sum() > len(placed) + 30
    assert new[new["split"] != ""].groupby("patient")["split"].nunique().max() == 1
    assert "frozen-bridges" in [finding.check for finding in result.findings]


def test_a_column_of_the_source_that_is_called_fold_is_kept_beside(trained, source, tmp_path):
    table = pd.read_csv(trained.films / "films.csv")
    table.assign(fold=7, image=str(trained.films) + "/" + table["image"]).to_csv(tmp_path / "p.csv", index=False)
    split(f"table:{tmp_path / 'p.csv'}", tmp_path / "split.csv", folds=2, near_copies=False)

    made = pd.read_csv(tmp_path / "split.csv")
    assert set(made["fold"].dropna()) == {0, 1} and made["fold_given"].eq(7).all()


def test_an_altered_copy_is_on_the_side_of_its_original_and_listed_beside_the_table(trained, source, tmp_path):
    pytest.importorskip("overread.duplicates.find")
    shutil.copytree(trained.films, tmp_path / "films")
    table = pd.read_csv(tmp_path / "films" / "films.csv")
    for i in range(4):
        film = cv2.imread(str(tmp_path / "films" / table["image"][20 + i]))
        cv2.imwrite(str(tmp_path / "films" / f"turned {i}.png"), cv2.rotate(film, cv2.ROTATE_90_CLOCKWISE))
    turned = table.iloc[20:24].assign(image=[f"turned {i}.png" for i in range(4)], patient=[f"turned{i}" for i in range(4)])
    pd.concat([table, turned]).to_csv(tmp_path / "films" / "films.csv", index=False)
    result = split(f"table:{tmp_path / 'films' / 'films.csv'}", tmp_path / "split.csv")

    made = read(tmp_path / "split.csv").set_index("image")
    links = read(tmp_path / "split.links.csv")
    for i in range(4):
        original = table["image"][20 + i]
        assert made.loc[f"turned {i}.png", "component"] == made.loc[original, "component"]
        assert {original, f"turned {i}.png"} in [set(pair) for pair in zip(links["image"], links["other_image"], strict=True)]
    assert result.content["near_copies"] == {"sought": True, "pairs": len(links), "table": str(tmp_path / "split.links.csv")}


def test_the_command_line_takes_every_way(source, trained, tmp_path, capsys):
    site = pd.read_csv(trained.films / "films.csv")["site"].iloc[0]
    call = ["split", source, "--no-near-copies", "--out"]
    assert answer([*call, str(tmp_path / "a.csv"), "--fractions", "0.6,0.2,0.2", "--seed", "3"]) == 0
    assert answer([*call, str(tmp_path / "b.csv"), "--hold-out", f"site={site}"]) == 0
    assert answer([*call, str(tmp_path / "c.csv"), "--extend", str(tmp_path / "a.csv")]) == 0
    assert answer([*call, str(tmp_path / "d.csv"), "--folds", "2", "--repeats", "2", "--inner", "2"]) == 0
    assert answer([*call, str(tmp_path / "e.csv"), "--repair", "move"]) == 2
    assert "ask for that too" in capsys.readouterr().err
    assert read(tmp_path / "a.csv")["split"].tolist() == read(tmp_path / "c.csv")["split"].tolist()
    assert {"fold_0", "fold_1", "inner_1_1"} <= set(read(tmp_path / "d.csv"))


def test_an_existing_table_is_not_written_over(source, tmp_path):
    (tmp_path / "split.csv").write_text("precious")
    with pytest.raises(UserError, match="exists"):
        split(source, tmp_path / "split.csv")
    with pytest.raises(UserError, match=r"\.csv or \.parquet"):
        split(source, tmp_path / "split.txt")
    (tmp_path / "new.links.csv").write_text("precious")
    with pytest.raises(UserError, match="exists"):
        split(source, tmp_path / "new.csv")
