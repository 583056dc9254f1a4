"""Predictions of a run that counts studies: those of its own test, from other files, in any order, with gaps, and with no id in clear."""

import json
import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

import overread
from overread.errors import UserError
from overread.experiment.train import train
from overread.recipe import load
from overread.run import Run

CLEAR = re.compile(r"MRN-|\b1\.2\.826\.")
"""What no output may hold: the ids that the films name."""


@pytest.fixture(scope="module")
def studies(tmp_path_factory, dicom, by_study):
    """A folder a study of DICOM films that name patient and study, one film of an ill study showing a bar; and a run that counts studies."""
    place, draw, labels = tmp_path_factory.mktemp("studies"), np.random.default_rng(0), []
    for patient in range(60):
        for study in range(draw.integers(1, 3)):
            ill, uid = draw.random() < 0.5, f"1.2.826.{patient}.{study}"
            folder = place / "films" / f"{patient:02}" / f"{study}"
            folder.mkdir(parents=True)
            for view in range(int(draw.integers(1, 4))):
                film = draw.normal(90, 20, (64, 64))
                film[20:28, 16:48] += 50 * (ill and (view == 0 or draw.random() < 0.3))
                told = {"PatientID": f"MRN-{patient}", "StudyInstanceUID": uid, "PatientName": "DOE^JOHN"}
                (folder / f"{view}.dcm").write_bytes(dicom(film.clip(0, 255).astype(np.uint8), **told))
            labels.append({"study": uid, "label": "positive" if ill else "negative"})
    pd.DataFrame(labels).to_csv(place / "labels.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERREAD_CACHE", str(place / "cache"))
        patch.setenv("OVERREAD_SALT", "of the tests")
        source = f"dicom:{place / 'films'}?labels={place / 'labels.csv'}&label=label&key=study"
        train(load("probe", [*by_study, "evaluation.pool=learned"], [source]), place / "run")
    return place


@pytest.fixture(scope="module")
def known(studies):
    """What the run says of its test studies, by the name that prediction gives them; with the files of each."""
    run, units = Run.open(studies / "run"), pd.read_parquet(studies / "run" / "units.parquet").query("split == 'test'")
    frame = run.catalog.part("test").frame
    frame = frame.assign(name=frame["patient"] + "/" + frame["study"])
    files = frame.groupby("name")["file"].agg(list)
    return units.assign(name=units["row"].map(frame.set_index("row")["name"])).set_index("name").assign(files=files)


def tables(out: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table of images and that of studies."""
    return pd.read_csv(out), pd.read_csv(out.with_name(f"{out.stem}-studies.csv"))


def test_studies_that_headers_name_are_predicted_as_the_runs_own_test_was_and_no_id_stands_in_clear(studies, known, tmp_path):
    files = [file for several in known["files"] for file in several]
    result = overread.predict(studies / "run", files, tmp_path / "t.csv")

    images, units = tables(tmp_path / "t.csv")
    told = units.set_index("study")
    assert sorted(told.index) == sorted(known.index)
    both = told.join(known.add_suffix("_then"))
    assert both["p:label:positive"].to_numpy() == pytest.approx(both["p:label:positive_then"].to_numpy(), abs=1e-6)
    assert both["decision:label"].tolist() == both["decision:label_then"].tolist()
    assert both["images"].tolist() == both["images_then"].tolist()
    assert images["study"].value_counts().to_dict() == told["images"].to_dict()
    assert images.set_index("row")["study"].loc[units["row"]].tolist() == units["study"].tolist()
    assert result.content["units"] == {
        "unit": "study",
        "table": str(tmp_path / "t-studies.csv"),
        "predicted": len(known),
        "images": len(files),
        "rejected": 0,
    }
    assert f"{len(known)} studies of {len(files)} images predicted: {tmp_path / 't-studies.csv'}" in result.words
    assert result.findings == []
    shown = [path.read_text() for path in tmp_path.glob("*.csv")] + [json.dumps(result.content), *result.words]
    assert len(shown) > 4 and not any(CLEAR.search(text) or "DOE" in text for text in shown)


def test_folders_give_the_same_studies_in_any_order_of_files_and_from_an_archive(studies, known, tmp_path):
    files = [file for several in known["files"] for file in several]
    shuffled = np.random.default_rng(3).permutation(files).tolist()
    with ZipFile(tmp_path / "s.zip", "w") as archive:
        for file in files:
            archive.write(file, Path(file).relative_to(studies / "films"))
    for name, given in (("plain", files), ("shuffled", shuffled), ("zip", [str(tmp_path / "s.zip")])):
        overread.predict(studies / "run", given, tmp_path / f"{name}.csv", by_folder=True)

    plain, other, packed = (tables(tmp_path / f"{name}.csv")[1].set_index("study") for name in ("plain", "shuffled", "zip"))
    assert plain.index.tolist() == [str(Path(several[0]).parent) for several in known["files"]]
    assert plain["p:label:positive"].to_numpy() == pytest.approx(known["p:label:positive"].to_numpy(), abs=1e-6)
    assert plain["decision:label"].tolist() == known["decision:label"].tolist()
    other, packed = other.loc[plain.index], packed.loc[[f"{tmp_path / 's.zip'}#{Path(name).relative_to(studies / 'films')}" for name in plain.index]]
    for same in (other, packed):
        assert same["p:label:positive"].to_numpy() == pytest.approx(plain["p:label:positive"].to_numpy(), abs=1e-6)
        assert same["decision:label"].tolist() == plain["decision:label"].tolist()
    images = pd.read_csv(tmp_path / "shuffled.csv")
    assert images["image"].tolist() == shuffled
    assert images.set_index("row").loc[other["row"], "study"].tolist() == other.index.tolist()


def test_what_cannot_be_read_is_counted_and_the_study_rests_on_the_others(studies, known, tmp_path):
    several = known[known["images"] > 1]["files"].iloc[0]
    for name in ("a", "b", "c"):
        (tmp_path / "in" / name).mkdir(parents=True)
    for place, file in enumerate(several):
        shutil.copy(file, tmp_path / "in" / "a" / f"{place}.dcm")
        shutil.copy(file, tmp_path / "in" / "b" / f"{place}.dcm")
    shutil.copy(several[0], tmp_path / "in" / "b" / "again.dcm")
    for name in ("b/torn.dcm", "c/torn.dcm", "c/too.png"):
        (tmp_path / "in" / name).write_bytes(b"no picture")
    (tmp_path / "in" / "report.txt").write_text("a paper is of no study")
    result = overread.predict(studies / "run", [str(tmp_path / "in")], tmp_path / "t.csv", by_folder=True)

    images, units = tables(tmp_path / "t.csv")
    units = units.set_index(units["study"].map(lambda name: Path(name).name))
    assert units[["images", "copies", "unreadable"]].to_numpy().tolist() == [[len(several), 0, 0], [len(several), 1, 1], [0, 0, 2]]
    assert units.loc["b", "p:label:positive"] == pytest.approx(units.loc["a", "p:label:positive"], abs=1e-6)
    assert units["reason"].fillna("").tolist() == ["", "", "none of its 2 images can be read"]
    assert np.isnan(units.loc["c", "p:label:positive"]) and units["decision:label"].isna().tolist() == [False, False, True]
    assert images["study"].isna().sum() == 1
    assert (result.content["units"]["predicted"], result.content["units"]["rejected"]) == (2, 1)
    assert any(f"2 studies of {2 * len(several)} images predicted, 1 study without a readable image" in line for line in result.words)
    [said] = [finding for finding in result.findings if finding.check == "unit-incomplete"]
    assert said.sentence.startswith("1 of 3 studies lacks an image") and "may belong" not in said.sentence


def test_images_that_name_no_study_stay_images_and_among_others_are_each_their_own(studies, known, dicom, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.dcm").write_bytes(dicom(np.random.default_rng(ord(name)).integers(0, 256, (64, 64)).astype(np.uint8)))
    (tmp_path / "in" / "torn.dcm").write_bytes(b"no picture")
    blind = overread.predict(studies / "run", [str(tmp_path / "in")], tmp_path / "blind.csv")
    study = known["files"].iloc[0]
    mixed = overread.predict(studies / "run", [*study, str(tmp_path / "in")], tmp_path / "mixed.csv")

    assert not (tmp_path / "blind-studies.csv").exists() and "units" not in blind.content
    assert "study" not in pd.read_csv(tmp_path / "blind.csv")
    assert [finding.check for finding in blind.findings] == ["unreadable", "unit"]
    assert "--by-folder" in blind.findings[1].remedy
    images, units = tables(tmp_path / "mixed.csv")
    assert units["study"].tolist() == [known.index[0], *(str(tmp_path / "in" / f"{name}.dcm") for name in ("a", "b"))]
    assert units["images"].tolist() == [len(study), 1, 1]
    assert images["study"].isna().tolist() == [False] * (len(study) + 2) + [True]
    said = {finding.check: finding.sentence for finding in mixed.findings}
    assert said["unit-key"] == f"2 of {len(study) + 2} images name no study: each counts as a study of its own."
    assert said["unit-incomplete"] == "1 file that could not be read names no study, and may belong to any."


def test_neither_table_is_written_over_and_a_run_that_counts_images_puts_none_together(studies, trained, known, tmp_path):
    (tmp_path / "t-studies.csv").write_text("precious")
    with pytest.raises(UserError, match=r"the file exists.*t-studies\.csv"):
        overread.predict(studies / "run", known["files"].iloc[0], tmp_path / "t.csv")
    with pytest.raises(UserError, match=r"this run counts images.*--by-folder.*Leave it out"):
        overread.predict(trained.folder, [str(trained.films)], tmp_path / "t.csv", by_folder=True)
    assert [path.name for path in tmp_path.iterdir()] == ["t-studies.csv"]


def test_a_cascades_route_and_abstention_are_told_by_patient(guide, dicom, tmp_path):
    told = json.loads((guide / "model" / "decision.json").read_text())
    (guide / "model" / "unit.json").write_text(json.dumps({"unit": "patient", "pool": "mean", "parameter": None, "decisions": told}))
    films = {"hand": (230, 228, 128), "leg": (1, 2, 0)}
    for name, lights in films.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        for light in lights:
            values = np.full((64, 64), light, np.uint8)
            values[0, 0] = 5
            (tmp_path / "in" / name / f"{light:03}.dcm").write_bytes(dicom(values))
    (tmp_path / "in" / "torn").mkdir()
    (tmp_path / "in" / "torn" / "1.dcm").write_bytes(b"no picture")
    result = overread.predict(guide, [str(tmp_path / "in")], tmp_path / "p.parquet", by_folder=True)

    images, units = (pd.read_parquet(tmp_path / name) for name in ("p.parquet", "p-patients.parquet"))
    known = images[images["reason"].isna()]
    assert units["route"][:2].tolist() == ["hand", "leg"] and units["route"].isna().tolist() == [False, False, True]
    by_hand = known.groupby("patient")["p:abnormal:positive"].mean()
    assert units["p:abnormal:positive"][:2].to_numpy() == pytest.approx(by_hand.loc[units["patient"][:2]].to_numpy(), abs=1e-9)
    assert units["abstained:abnormal"][:2].tolist() == known.groupby("patient")["abstained:abnormal"].any().loc[units["patient"][:2]].tolist()
    abstained = int(units["abstained:abnormal"].sum())
    assert result.content["units"]["abstained"] == {"abnormal": abstained}
    assert f"abnormal: the model abstains from {abstained} of 2 patients; their decisions stand in the table" in result.words
    assert list(units) == [
        *("patient", "row", "images", "copies", "unreadable", "route", "abstained:abnormal", "p:abnormal:negative", "p:abnormal:positive"),
        *("decision:abnormal", "p:body_part:foot", "p:body_part:hand", "p:body_part:leg", "decision:body_part", "reason"),
    ]
