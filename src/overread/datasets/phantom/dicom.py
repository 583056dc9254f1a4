"""A made-up film as a DICOM file: digital radiography, 12 bits in 16, with its window and what a hospital's archive would say of it."""

import io
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from overread.datasets.phantom.detector import LEVELS, SCANNERS
from overread.imaging.window import PERCENTILES

BITS = 12

VIEWS = {"AP": "AP", "lateral": "LL", "oblique": "LLO"}
"""Codes of View Position (0018,5101)."""

PARTS = {"humerus": "HUMERUS", "forearm": "FOREARM", "shoulder": "SHOULDER", "elbow": "ELBOW", "finger": "FINGER", "wrist": "WRIST", "hand": "HAND"}
"""Terms of Body Part Examined (0018,0015), PS3.16 annex L."""


def encode(values: NDArray[np.uint16], pixel: float, row: Mapping[Hashable, Any], seed: int, number: int) -> bytes:
    """A DICOM file.

    The window is the percentile window of `imaging.window`: by the standard's LINEAR formula (PS3.3 C.11.2.1.2) both map the same
    value to black and the same to white. A MONOCHROME1 scanner stores the film inverted, with the window inverted too.

    Parameters
    ----------
    values : (h, w) uint16, 12 bits, bone bright
    pixel : millimetres a pixel
    row : the film's row of the cohort
    seed, number : of the set and of the film in it; they make its UIDs, the same each time
    """
    scanner = SCANNERS[row["scanner"]]
    low, high = (float(edge) for edge in np.percentile(values, PERCENTILES))
    if scanner.photometric == "MONOCHROME1":
        values, low, high = (LEVELS - 1 - values).astype(np.uint16), LEVELS - 1 - high, LEVELS - 1 - low
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = _uid(seed, number, 3)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    film.SOPClassUID, film.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    study = int(row["patient"][1:]) * 10 + int(row["study"][-1])
    film.StudyInstanceUID, film.SeriesInstanceUID = _uid(seed, study, 1), _uid(seed, number, 2)
    film.StudyID, film.SeriesNumber, film.InstanceNumber = str(study), 1, 1
    film.PatientID, film.PatientName = row["patient"], f"Phantom^{row['patient']}"
    film.PatientBirthDate, film.PatientSex, film.StudyDate, film.StudyTime = "", "", "20200101", "120000"
    film.Modality, film.PresentationIntentType, film.ImageType = "DX", "FOR PRESENTATION", ["DERIVED", "PRIMARY"]
    film.InstitutionName, film.StationName, film.Manufacturer = row["site"], row["scanner"].upper(), scanner.maker
    film.BodyPartExamined, film.ViewPosition = PARTS[row["body_part"]], VIEWS[row["view"]]
    film.ImageLaterality = row["laterality"]
    film.KVP, film.ExposureTime = scanner.kilovolt, 10 + scanner.kilovolt % 7
    film.ImagerPixelSpacing = film.PixelSpacing = [round(pixel, 5)] * 2
    film.SamplesPerPixel, film.PhotometricInterpretation = 1, scanner.photometric
    film.Rows, film.Columns = values.shape
    film.BitsAllocated, film.BitsStored, film.HighBit, film.PixelRepresentation = 16, BITS, BITS - 1, 0
    film.PresentationLUTShape = "INVERSE" if scanner.photometric == "MONOCHROME1" else "IDENTITY"
    film.RescaleIntercept, film.RescaleSlope, film.RescaleType = 0, 1, "US"
    film.WindowCenter, film.WindowWidth = _decimal((low + high) / 2 + 0.5), _decimal(high - low + 1)
    film.VOILUTFunction = "LINEAR"
    film.PixelData = values.astype("<u2").tobytes()
    file = io.BytesIO()
    film.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _uid(seed: int, number: int, kind: int) -> UID:
    """A UID of a whole number, as for a UUID (PS3.5 B.2)."""
    return UID(f"2.25.{10**30 + seed * 10**12 + number * 10 + kind}")


def _decimal(value: float) -> str:
    """A number in the 16 characters that DICOM has for it."""
    return f"{value:.10g}"
