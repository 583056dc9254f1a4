"""Shared fixtures: small made-up films whose truth is known, and one run that was trained on them."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pydicom import DataElement, Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

TINY = [
    "image.size=64",
    "backbone.name=test_resnet",
    "backbone.pretrained=false",
    "learner.augment=none",
    "learner.phases=[{trains: all, epochs: 6, rate: 3e-3}]",
    "split.fractions=[0.5, 0.2, 0.3]",
    "evaluation.draws=200",
    "runtime.threads=1",
]
"""Settings under which a run takes seconds."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reads or fills the user's cache, or makes the user a key for ids."""
    monkeypatch.setenv("OVERREAD_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("OVERREAD_SALT", "of the tests")
    yield


@pytest.fixture
def films(tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """Write n films and films.csv into a folder below tmp_path; see `write_films`."""

    def make(n: int = 60, seed: int = 0, folder: str = "films", size: int = 64) -> pd.DataFrame:
        return write_films(tmp_path / folder, n, seed, size)

    return make


@dataclass(frozen=True)
class Trained:
    """A finished run, the films it was trained on and what was planted among them."""

    folder: Path
    films: Path
    copies: int
    conflicts: int
    unreadable: int


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One run that all tests read and none changes: 160 films, 3 copies, a pair with two labels, 2 files that cannot be read."""
    from overread.experiment.train import train
    from overread.recipe import load

    place = tmp_path_factory.mktemp("trained")
    table = write_films(place / "films", 160)
    films = place / "films"
    rows = [table]
    for i in range(3):
        (films / f"copy {i}.png").write_bytes((films / table["image"][i]).read_bytes())
        rows.append(table.iloc[[i]].assign(image=f"copy {i}.png", patient=f"copy{i}"))
    (films / "torn.png").write_bytes((films / table["image"][7]).read_bytes())
    rows.append(table.iloc[[7]].assign(image="torn.png", patient="torn", label="broken" if table["label"][7] == "not broken" else "not broken"))
    (films / "cut.png").write_bytes((films / table["image"][9]).read_bytes()[:300])
    (films / "words.png").write_text("not a picture")
    rows += [table.iloc[[9]].assign(image=name) for name in ("cut.png", "words.png")]
    pd.concat(rows).to_csv(films / "films.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERREAD_CACHE", str(place / "cache"))
        train(load("default", TINY, [f"table:{films / 'films.csv'}?covariates=site"]), place / "run")
    return Trained(place / "run", films, copies=3, conflicts=2, unreadable=2)


def dicom_file(values: np.ndarray, *, syntax: str = ExplicitVRLittleEndian, bits: int | None = None, **elements: object) -> bytes:
    """A DICOM file of (frames, h, w), (h, w) or (h, w, 3) integers, every bit of their type stored unless `bits` says otherwise.

    `elements` are further ones by keyword, and replace those that are told by the values; one that is None is left out,
    one that is a `DataElement` has the VR it says.
    """
    colour = values.ndim == 3 and values.shape[-1] == 3
    shape = values.shape[:2] if colour else values.shape[-2:]
    file = Dataset()
    file.SOPClassUID, file.SOPInstanceUID, file.Modality = SecondaryCaptureImageStorage, generate_uid(entropy_srcs=[repr(elements)]), "OT"
    file.PhotometricInterpretation, file.SamplesPerPixel = ("RGB", 3) if colour else ("MONOCHROME2", 1)
    if colour:
        file.PlanarConfiguration = 0
    if values.ndim == 3 and not colour:
        file.NumberOfFrames = len(values)
    file.Rows, file.Columns = shape
    file.BitsAllocated = 8 * values.dtype.itemsize
    file.BitsStored = bits or file.BitsAllocated
    file.HighBit, file.PixelRepresentation = file.BitsStored - 1, int(values.dtype.kind == "i")
    stored = values.astype(values.dtype.newbyteorder(">" if syntax == ExplicitVRBigEndian else "<")).tobytes()
    file.PixelData = stored + bytes(len(stored) % 2)
    file["PixelData"].VR = "OB" if file.BitsAllocated == 8 else "OW"
    for keyword, value in elements.items():
        if value is None:
            del file[keyword]
        elif isinstance(value, DataElement):  # with a VR of its own
            file.add(value)
        else:
            setattr(file, keyword, value)
    if UID(syntax).is_encapsulated:
        file["PixelData"].VR, file["PixelData"].is_undefined_length = "OB", True
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = syntax
    content = io.BytesIO()
    dcmwrite(content, file, enforce_file_format=True)
    return content.getvalue()


@pytest.fixture(scope="session")
def dicom() -> Callable[..., bytes]:
    """Make the bytes of a DICOM file; see `dicom_file`."""
    return dicom_file


def write_films(place: Path, n: int, seed: int = 0, size: int = 64) -> pd.DataFrame:
    """Write n grey films and their table `films.csv`: image, label (broken / not broken), patient (two films each), site.

    Broken ones carry a bright bar in two of three cases; labels go by patient.
    """
    draw = np.random.default_rng(seed)
    place.mkdir(parents=True)
    rows = []
    for i in range(n):
        broken = (i // 2) % 2 == 1
        film = draw.normal(90, 20, (size, size))
        at = int(draw.integers(size // 8, size - size // 4))
        if broken and draw.random() < 0.67:
            film[at : at + size // 8, size // 4 : -size // 4] += 60
        Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(place / f"film {i}.png")
        rows.append({"image": f"film {i}.png", "label": "broken" if broken else "not broken", "patient": f"p{i // 2}", "site": "ab"[i % 3 == 0]})
    table = pd.DataFrame(rows)
    table.to_csv(place / "films.csv", index=False)
    return table


class Routed(NamedTuple):
    """Judged predictions of a cascade, as a run keeps them, and the component of each row."""

    rows: pd.DataFrame
    clusters: pd.Series


@pytest.fixture
def routed() -> Callable[..., Routed]:
    """Predictions of a made-up cascade; see `route_films`."""
    return route_films


def route_films(
    wrong: float = 0.0, unknown: int = 0, elsewhere: int = 0, abstain: float | None = None, turned: bool = False, patients: int = 120
) -> Routed:
    """Judged test rows of `abnormal` and `body_part`, three a patient, each of a part of its own.

    The known part's expert sees the illness, another part's expert a third of it and is biased; `turned`, the other way round.

    Parameters
    ----------
    wrong : share of the rows, drawn, that the router sends to the next part; it is less sure of these
    unknown : the first so many rows have no known part, and so no oracle
    elsewhere : the first rows of so many patients are sent to the next part, beside `wrong`
    abstain : router's confidence below which a row is not answered
    """
    draw, parts, n = np.random.default_rng(5), np.array(["ELBOW", "HAND", "WRIST"]), 3 * patients
    patient, part = np.arange(n) // 3, np.arange(n) % 3
    ill = (draw.random(n) < 0.45).astype(int)
    shared = 0.5 * draw.normal(size=patients)[patient]
    sees, other = (2.4 * sight * (ill - 0.5) + bias + shared + 0.7 * draw.normal(size=n) for sight, bias in ((1, 0), (0.3, 0.8)))
    own, else_ = (other, sees) if turned else (sees, other)
    away = (draw.random(n) < wrong) | ((patient < elsewhere) & (part == 0))
    route = (part + away) % 3
    raw = np.where(away, 1.0, 2.5)[:, None] * np.eye(3)[route] + 0.3 * draw.random((n, 3))
    sure = np.exp(raw) / np.exp(raw).sum(1, keepdims=True)
    known = np.arange(n) >= unknown
    labels = np.array(["negative", "positive"], dtype=object)
    frame = pd.DataFrame({"row": np.arange(n).astype(str), "split": "test", "truth:abnormal": labels[ill], "route": parts[route]})
    frame["truth:body_part"] = np.where(known, parts[part], None)
    frame["decision:body_part"] = parts[route]
    for i, name in enumerate(parts):
        frame[f"raw:body_part:{name}"], frame[f"p:body_part:{name}"] = raw[:, i], sure[:, i]
    for prefix, logit in (("", np.where(away, else_, own)), ("oracle-", np.where(known, own, np.nan))):
        p = 1 / (1 + np.exp(-logit))
        raws = "raw" if not prefix else "oracle"
        frame[f"{raws}:abnormal:negative"], frame[f"{raws}:abnormal:positive"] = np.where(np.isnan(p), np.nan, 0), logit
        frame[f"{prefix}p:abnormal:negative"], frame[f"{prefix}p:abnormal:positive"] = 1 - p, p
        frame[f"{prefix}decision:abnormal"] = np.where(np.isnan(p), None, labels[(p >= 0.5).astype(int)])
    if abstain is not None:
        frame["abstained:abnormal"] = sure.max(1) < abstain
    return Routed(frame, pd.Series([f"c{i}" for i in patient], index=frame["row"]))
