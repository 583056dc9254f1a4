"""An audit finds what was planted, says nothing of sound data, and leaves a whole folder or none."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import overread
from overread.errors import UserError
from overread.experiment.audit import audit
from overread.experiment.result import Result
from overread.findings import Finding, read


def write_films(place: Path, n: int, seed: int = 0) -> pd.DataFrame:
    """n textured films, two a patient, the broken ones with a bar; their table, and a published split by patient."""
    draw = np.random.default_rng(seed)
    place.mkdir(parents=True)
    rows = []
    for i in range(n):
        broken = (i // 2) % 2 == 1
        film = sum(weight * blurred(draw, width) for width, weight in ((6, 35), (1.5, 14))) + 110
        if broken:
            at = int(draw.integers(20, 90))
            film[at : at + 8, 30:-30] += 45
        name = f"MILLER {i}.png"
        Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(place / name)
        part = "test" if (i // 4) % 2 else "train"
        rows.append({"image": name, "label": "broken" if broken else "not broken", "patient": f"MILLER {i // 2}", "split": part})
    return pd.DataFrame(rows)


def blurred(draw: np.random.Generator, width: float) -> np.ndarray:
    noise = cv2.GaussianBlur(draw.normal(0, 1, (128, 128)), (0, 0), width)
    return noise / noise.std()


def source(place: Path, table: pd.DataFrame) -> str:
    table.to_csv(place / "films.csv", index=False)
    return f"table:{place / 'films.csv'}?label=label&patient=patient&split=split&name={place.name}"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, str]:
    place = tmp_path_factory.mktemp("sound") / "films"
    given = source(place, write_films(place, 80, seed=5))
    return place.parent / "audit", done(given, place.parent / "audit"), given


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, str]:
    """Twelve films copied from train to test, eight more turned by a right angle, two patients on both sides, an extension that tells the label."""
    place = tmp_path_factory.mktemp("faulty") / "films"
    table = write_films(place, 80)
    for i in table.index[table["label"] == "broken"]:
        name = f"MILLER {i}.jpg"
        Image.open(place / table["image"][i]).save(place / name, quality=95)
        table.loc[i, "image"] = name
    more = []
    for k, i in enumerate(table.index[table["split"] == "train"][::2]):
        name = f"again {k}{Path(table['image'][i]).suffix}"
        if k < 12:
            shutil.copy(place / table["image"][i], place / name)
        else:
            Image.open(place / table["image"][i]).transpose(Image.Transpose.ROTATE_90).save(place / name)
        more.append({**table.loc[i].to_dict(), "image": name, "patient": f"again {k}", "split": "test"})
    table.loc[[9, 17], "split"] = "test"
    (place / "cut.png").write_bytes(b"cut")
    more.append({**table.loc[0].to_dict(), "image": "cut.png"})
    given = source(place, pd.concat([table, pd.DataFrame(more)], ignore_index=True))
    return place.parent / "audit", done(given, place.parent / "audit"), given


def done(given: str, out: Path, **more: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERREAD_CACHE", str(out.parent / "cache"))
        return audit(given, out, **more)


def found(result: Result, check: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.check == check and finding.passed is False]


def test_what_was_planted_is_found_and_stands_on_the_page(faulty):
    folder, result, given = faulty
    (copies,) = [finding for finding in found(result, "copies") if finding.severity == "leak"]
    (keys,) = [finding for finding in found(result, "keys") if finding.severity == "leak"]
    page = (folder / "audit.html").read_text(encoding="utf-8")

    assert round(copies.effect.value * copies.effect.n) >= 20
    assert keys.sentence
    assert found(result, "guess")
    assert result.findings[0].severity == "leak"
    assert result.findings[0].sentence in page.replace("&#39;", "'")
    assert "No figure measured on this split can be believed." in page
    assert f"overread split &#39;{given.replace('&', '&amp;')}&#39; --out split.csv" in page
    assert result.words[0] == result.findings[0].sentence


def test_sound_data_raise_neither_leak_nor_high_and_the_page_is_calm(sound):
    folder, result, _ = sound
    raised = [finding for finding in result.findings if finding.passed is False and finding.severity in ("leak", "high")]

    assert raised == []
    assert "Nothing was found that would make a figure on these data untrue." in (folder / "audit.html").read_text(encoding="utf-8")


def test_the_folder_is_whole(faulty):
    folder, result, given = faulty
    held = {path.name for path in folder.iterdir()}

    assert held >= {"audit.html", "audit.json", "findings.json", "catalog.parquet", "links.csv", "rejected.csv", "environment.json", "evidence"}
    assert json.loads((folder / "status.json").read_text())["state"] == "done"
    assert read(folder / "findings.json") == result.findings
    assert json.loads((folder / "environment.json").read_text())["seed"] == 0
    assert json.loads((folder / "audit.json").read_text())["source"] == given
    assert [name for finding in result.findings for name in finding.evidence if not (folder / name).is_file()] == []
    links = pd.read_csv(folder / "links.csv", dtype={"row": str, "other": str})
    assert set(links["row"]) | set(links["other"]) <= {str(i) for i in range(101)}


def test_what_a_program_is_told_is_short_and_counts(faulty):
    folder, result, _ = faulty
    told = json.loads(json.dumps(result.content))

    assert len(json.dumps(told)) < 600
    assert (told["folder"], told["page"]) == (str(folder), str(folder / "audit.html"))
    assert (told["images"], told["rejected"]) == (100, 1)
    assert told["raised"]["leak"] == sum(finding.severity == "leak" for finding in result.findings if finding.passed is False)
    assert told["copies"]["identical_pixels"] == 12
    assert told["copies"]["near_copy_pairs"] >= 8


def test_it_is_a_function_of_the_package_whatever_was_imported_before():
    assert overread.audit_data is audit


def test_rows_are_named_and_no_patient_or_file_is(faulty):
    folder, _, _ = faulty

    assert "MILLER" not in (folder / "audit.html").read_text(encoding="utf-8")
    assert "MILLER" not in (folder / "findings.json").read_text(encoding="utf-8")
    assert not [path for path in folder.rglob("*") if "MILLER" in path.name]
    assert not [path for path in (folder / "evidence").glob("*.csv") if "MILLER" in path.read_text(encoding="utf-8")]


def test_two_sources_are_compared_and_only_what_both_hold_is_found(sound, tmp_path):
    place, _, given = sound[0].parent / "films", *sound[1:]
    theirs = write_films(tmp_path / "theirs", 30, seed=9)
    for i in range(6):
        film = Image.open(place / f"MILLER {10 * i + 1}.png").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        film.save(tmp_path / "theirs" / f"taken {i}.png")
        theirs.loc[len(theirs)] = {"image": f"taken {i}.png", "label": "broken", "patient": f"taken {i}", "split": ""}
    theirs = theirs.rename(columns={"label": "finding"})
    theirs.to_csv(tmp_path / "theirs" / "films.csv", index=False)
    result = done(given, tmp_path / "audit", against=f"table:{tmp_path / 'theirs' / 'films.csv'}?label=finding&patient=patient&name=theirs")
    page = (tmp_path / "audit" / "audit.html").read_text(encoding="utf-8")

    assert {finding.check for finding in result.findings} == {"overlap"}
    assert [finding.passed for finding in result.findings].count(False) >= 1
    assert "6 of 80" in result.words[0]
    assert "A comparison of two sources" in page
    assert "of a model that learnt from the other, measures memory" in page


def test_a_folder_without_labels_is_compared_too_and_one_without_a_picture_is_refused(sound, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "a.png").write_text("not a picture")
    with pytest.raises(UserError, match="no image of 'theirs' can be read"):
        done(sound[2], tmp_path / "none", against=str(tmp_path / "theirs"))
    film = sound[0].parent / "films" / "MILLER 1.png"
    (tmp_path / "theirs" / "b.png").write_bytes(film.read_bytes())

    result = done(sound[2], tmp_path / "audit", against=str(tmp_path / "theirs"))

    assert "1 of 80" in result.words[0]


def test_two_sources_that_share_nothing_are_calm(sound, tmp_path):
    theirs = source(tmp_path / "theirs", write_films(tmp_path / "theirs", 30, seed=9))
    result = done(sound[2], tmp_path / "audit", against=theirs)

    assert [finding for finding in result.findings if finding.passed is False] == []


def test_an_audit_that_fails_leaves_nothing_and_one_that_is_there_is_not_written_over(sound, tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        done("folder:nowhere", tmp_path / "audit")
    with pytest.raises(UserError, match="two sources are both named 'films'"):
        done(sound[2], tmp_path / "audit", against=sound[2])
    with pytest.raises(UserError, match="not empty"):
        done(sound[2], sound[0])

    assert not (tmp_path / "audit").exists()
    assert (sound[0] / "audit.html").exists()
