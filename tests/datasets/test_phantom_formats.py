from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_voi_lut

from overread.datasets.base import read
from overread.datasets.phantom.detector import SCANNERS
from overread.imaging.read import read as picture


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    return {format: read([f"phantom:{folder / format}?n=40&size=64&seed=3&format={format}"]).frame.iloc[:40] for format in ("png", "png16", "dicom")}


def test_the_three_formats_decode_to_the_same_eight_bit_films(frames):
    for files in zip(*(frame["file"] for frame in frames.values()), strict=True):
        png, png16, dicom = (picture(file) for file in files)
        assert np.array_equal(png, png16) and np.array_equal(png, dicom)


def test_the_window_of_a_dicom_film_is_the_percentile_window_to_another_reader(frames):
    for png, dicom in zip(frames["png"]["file"], frames["dicom"]["file"], strict=True):
        film = pydicom.dcmread(dicom)
        stored = film.pixel_array
        low, high = film.WindowCenter - 0.5 - (film.WindowWidth - 1) / 2, film.WindowCenter - 0.5 + (film.WindowWidth - 1) / 2
        grey = apply_voi_lut(stored, film) * 255 / (2**film.BitsStored - 1)
        grey = 255 - grey if film.PhotometricInterpretation == "MONOCHROME1" else grey
        assert stored.min() - 1e-6 <= low < high <= stored.max() + 1e-6
        assert np.abs(cv2.imread(png, cv2.IMREAD_UNCHANGED) - grey).max() <= 0.51


def test_half_of_the_scanners_store_bone_dark(frames):
    found = {}
    for file, scanner in zip(frames["dicom"]["file"], frames["dicom"]["scanner"], strict=True):
        found[scanner] = pydicom.dcmread(file, stop_before_pixels=True).PhotometricInterpretation
    assert found == {name: SCANNERS[name].photometric for name in found}
    assert sorted(scanner.photometric for scanner in SCANNERS.values()) == ["MONOCHROME1"] * 3 + ["MONOCHROME2"] * 3


def test_a_dicom_film_says_who_what_and_where(frames):
    rows = frames["dicom"].to_dict("records")
    films = [pydicom.dcmread(row["file"]) for row in rows]
    for row, film in zip(rows, films, strict=True):
        assert (film.PatientID, film.BodyPartExamined.lower(), film.ImageLaterality) == (row["patient"], row["body_part"], row["laterality"])
        assert film.InstitutionName == row["site"] and film.StationName.lower() == row["scanner"]
        assert (film.BitsAllocated, film.BitsStored, film.HighBit) == (16, 12, 11)
        assert all(pydicom.uid.UID(uid).is_valid for uid in (film.SOPInstanceUID, film.StudyInstanceUID, film.SeriesInstanceUID))
    assert len({film.SOPInstanceUID for film in films}) == len(films)
    studies = {(row["study"], film.StudyInstanceUID) for row, film in zip(rows, films, strict=True)}
    assert len(studies) == len({study for study, _ in studies}) == len({uid for _, uid in studies})


def test_the_same_seed_writes_the_same_bytes_in_every_format(frames, tmp_path):
    for format, frame in frames.items():
        again = read([f"phantom:{tmp_path / format}?n=40&size=64&seed=3&format={format}"]).frame
        for one, other in zip(frame["file"][:5], again["file"], strict=False):
            assert Path(one).read_bytes() == Path(other).read_bytes()


def test_a_mask_has_its_films_size_and_covers_what_is_broken(frames):
    frame = frames["png16"]
    assert (frame["mask"].ne("") == (frame["fracture"] == "fracture")).all()
    for row in frame[frame["mask"] != ""].to_dict("records"):
        mask = cv2.imread(row["mask"], cv2.IMREAD_UNCHANGED)
        assert mask.dtype == np.uint8 and set(np.unique(mask)) == {0, 255}
        assert mask.shape == cv2.imread(row["file"], cv2.IMREAD_UNCHANGED).shape


def test_what_is_said_of_a_letter_is_there(frames):
    frame = frames["png"]
    marked = frame["marker"] != ""
    assert 0.2 < marked.mean() < 0.8 and (frame.loc[marked, "marker"] == frame.loc[marked, "laterality"]).all()
    assert frame.loc[~marked, "marker_angle"].isna().all() and frame.loc[marked, "marker_mirrored"].isin(["yes", "no"]).all()
    for row in frame[marked].to_dict("records"):
        left, top, right, bottom = map(int, row["marker_box"].split())
        assert picture(row["file"])[top : bottom + 1, left : right + 1].max() > 200
