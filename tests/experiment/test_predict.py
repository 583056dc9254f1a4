import pandas as pd
import pytest

from overread.errors import UserError
from overread.experiment.predict import predict
from overread.run import Run


def test_a_folder_is_predicted_as_the_run_did_and_what_cannot_be_read_says_why(trained, tmp_path):
    result = predict(trained.folder, [str(trained.films)], tmp_path / "p.csv")

    table = pd.read_csv(tmp_path / "p.csv")
    run = Run.open(trained.folder)
    told = run.predictions.merge(run.catalog.frame[["row", "image"]], on="row")
    table["name"] = table["image"].str.rpartition("/")[2]
    both = told.merge(table, left_on="image", right_on="name", suffixes=("", "_again"))
    assert len(both) == len(told)
    assert both["p:label:broken_again"].to_numpy() == pytest.approx(both["p:label:broken"].to_numpy(), abs=1e-4)
    assert (both["decision:label_again"] == both["decision:label"]).mean() > 0.98
    assert table.set_index("name")["reason"].dropna().index.isin(["cut.png", "words.png", "films.csv", "known.csv", "published.csv"]).all()
    assert result.content["predicted"] + result.content["rejected"] == len(table)


def test_nothing_to_predict_is_an_error(trained, tmp_path):
    with pytest.raises(UserError, match="no such file"):
        predict(trained.folder, [str(tmp_path / "nowhere")], tmp_path / "p.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no file"):
        predict(trained.folder, [str(tmp_path / "empty")], tmp_path / "p.csv")


def test_a_table_that_is_there_is_not_written_over_and_one_that_fails_is_not_left_half(trained, tmp_path):
    (tmp_path / "films.csv").write_text("precious")
    with pytest.raises(UserError, match="exists"):
        predict(trained.folder, [str(trained.films)], tmp_path / "films.csv")
    assert (tmp_path / "films.csv").read_text() == "precious"
    with pytest.raises(UserError, match=r"the image cannot be read: its content"):
        predict(trained.folder, [str(trained.films / "words.png")], tmp_path / "p.csv")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["films.csv"]
