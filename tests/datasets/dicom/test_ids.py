import os
import stat

import pytest

from overread.datasets.base import read
from overread.datasets.dicom.ids import salt
from overread.errors import UserError

PERSON = {"PatientName": "Doe^Jane", "PatientID": "4711", "InstitutionName": "Saint Elsewhere", "StudyInstanceUID": "1.2.3"}


def test_ids_are_hashed_under_a_key_and_no_name_is_kept(place, monkeypatch):
    source = place({"ill/1": PERSON, "ill/2": PERSON, "well/3": {**PERSON, "PatientID": ""}}) + "?label=folder&positive=ill"
    frame = read([source]).frame
    assert "Doe" not in frame.to_csv() and "4711" not in frame.to_csv() and "Elsewhere" not in frame.to_csv()
    assert frame["patient"].tolist() == [frame["patient"][0], frame["patient"][0], ""]
    assert frame["study"].nunique() == frame["site"].nunique() == 1 and len(frame["site"][0]) == 16
    assert frame["patient"].tolist() == read([source]).frame["patient"].tolist()
    monkeypatch.setenv("OVERREAD_SALT", "another")
    assert frame["patient"][0] != read([source]).frame["patient"][0]


def test_ids_stay_plain_on_demand_and_names_even_then_are_not_kept(place):
    frame = read([f"{place({'ill/1': PERSON, 'well/2': PERSON})}?label=folder&positive=ill&ids=plain"]).frame
    assert frame[["patient", "study", "site"]].iloc[0].tolist() == ["4711", "1.2.3", "Saint Elsewhere"]
    assert "Doe" not in frame.to_csv()


def test_the_key_is_made_once_for_this_user_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("OVERREAD_SALT")
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    first = salt()
    assert salt() == first and len(first) == 64
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("")
    with pytest.raises(UserError, match="damaged"):
        salt()


@pytest.mark.skipif(os.name == "nt", reason="a folder's permissions")
def test_a_key_that_cannot_be_kept_is_an_error_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.delenv("OVERREAD_SALT")
    for name in ("XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be kept") as fault:
        salt()
    assert "OVERREAD_SALT" in fault.value.mend
