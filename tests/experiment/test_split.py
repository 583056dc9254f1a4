import pandas as pd
import pytest

from overread.errors import UserError
from overread.experiment.split import split


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_sources_rows_come_back_in_order_with_split_component_and_why(trained, tmp_path, kind):
    split(f"table:{trained.films / 'films.csv'}", tmp_path / f"split.{kind}")

    given = pd.read_csv(trained.films / "films.csv")
    made = pd.read_csv(tmp_path / "split.csv") if kind == "csv" else pd.read_parquet(tmp_path / "split.parquet")
    assert made["image"].tolist() == given["image"].tolist()
    assert (made["why"].fillna("") != "").all()
    placed = made[made["split"].isin(["train", "val", "test"])]
    assert placed.groupby("patient")["split"].nunique().max() == 1
    assert placed["split"].value_counts(normalize=True)["train"] == pytest.approx(0.7, abs=0.03)


def test_rows_that_cannot_be_read_are_kept_with_the_reason_and_no_split(trained, tmp_path):
    result = split(f"table:{trained.films / 'films.csv'}", tmp_path / "split.csv")
    made = pd.read_csv(tmp_path / "split.csv", keep_default_na=False).set_index("image")
    assert made.loc["words.png", "split"] == ""
    assert made.loc["words.png", "why"].startswith("rejected: ")
    assert result.content["rejected"] == trained.unreadable


def test_folds_put_every_patient_in_one_fold(trained, tmp_path):
    split(f"table:{trained.films / 'films.csv'}", tmp_path / "split.csv", folds=4)
    made = pd.read_csv(tmp_path / "split.csv").dropna(subset="fold")
    assert set(made["fold"]) == {0, 1, 2, 3}
    assert made.groupby("patient")["fold"].nunique().max() == 1


def test_an_existing_table_is_not_written_over(trained, tmp_path):
    (tmp_path / "split.csv").write_text("precious")
    with pytest.raises(UserError, match="exists"):
        split(f"table:{trained.films / 'films.csv'}", tmp_path / "split.csv")
    with pytest.raises(UserError, match=r"\.csv or \.parquet"):
        split(f"table:{trained.films / 'films.csv'}", tmp_path / "split.txt")
