"""The page of an audit: bad data make its first screen loud, sound data leave it calm, and it names nobody."""

import json
import re
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread.catalog import Catalog, Target
from overread.findings import Effect, Finding, Severity, write
from overread.report import exhibits, render
from overread.report.audit import render_audit, verdict

SOURCE = "table:/data/my films.csv?label=label"

COPIES = Finding(
    "copies",
    "data",
    Severity.LEAK,
    False,
    "493 of 500 test images have a copy in train.",
    Effect("share of test images with a copy in train", 0.986, 0.971, 0.994, 500),
    evidence=["evidence/copies.png", "evidence/copies.csv"],
    remedy="Use the split that `overread split SOURCE --out split.csv` makes.",
)
KEYS = Finding("keys", "data", Severity.LEAK, False, "12 patients are on both sides.", Effect("share of test images of such a patient", 0.24))
GUESS = Finding(
    "guess", "data", Severity.HIGH, False, "The file's extension tells the label.", Effect("AUROC without pixels", 0.91, 0.88, 0.93, 600), p=1e-9
)
REPEATS = Finding("repeats", "data", Severity.HIGH, False, "600 rows show 107 pictures.")
SMALL = Finding("images", "data", Severity.LOW, False, "3 images are blank.", evidence=["rejected.csv"])
UNKNOWN = Finding(
    "keys", "data", Severity.INFO, None, "Patients are not named, so nobody can say whether one is on both sides.", remedy="Name the column."
)
PASSED = Finding("conflicts", "data", Severity.INFO, True, "No picture carries two labels.")

Make = Callable[..., Path]


@pytest.fixture
def audit(tmp_path: Path) -> Make:
    """Make the folder that an audit of 40 films wrote, with these findings."""

    def make(findings: Sequence[Finding], links: int = 0, against: bool = False, **label: str) -> Path:
        folder = tmp_path / "audit"
        (folder / "evidence").mkdir(parents=True)
        n = 40
        names = [f"MILLER^ANNA_{i}.png" for i in range(n)]
        frame = pd.DataFrame({"row": [str(i) for i in range(n)], "image": names, "file": names, "label": ["a", label.get("other", "b")] * (n // 2)})
        frame = frame.assign(
            source=["ours", "theirs"][0] if not against else ["ours", "theirs"] * (n // 2), patient=[f"MILLER{i // 2}" for i in range(n)]
        )
        frame = frame.assign(
            split=["train"] * 30 + ["test"] * 10, component=[f"c{i // 2}" for i in range(n)], why="component of 2 rows joined by patient"
        )
        target = Target("binary", ("a", label.get("other", "b")), "a")
        Catalog(frame, {} if against else {"label": target}, [], SOURCE).save(folder / "catalog.parquet")
        near = pd.DataFrame(
            {"row": [str(i) for i in range(links)], "other": [str(39 - i) for i in range(links)], "mirrored": True, "inverted": False}
        )
        near.assign(angle=90.0, scale=1.0, inliers=50, correlation=0.97, overlap=1.0).to_csv(folder / "links.csv", index=False)
        pd.DataFrame({"row": ["77"], "image": ["MILLER^ANNA_77.png"], "reason": ["the file is cut off"]}).to_csv(folder / "rejected.csv", index=False)
        sheet = np.random.default_rng(0).integers(0, 255, (240, 740), dtype=np.uint8)
        Image.fromarray(sheet).save(folder / "evidence" / "copies.png")
        pd.DataFrame({"copy": [f"kind {i}" for i in range(45)], "files": range(45), "image": names + names[:5]}).to_csv(
            folder / "evidence" / "copies.csv", index=False
        )
        write(findings, folder / "findings.json")
        told = {"source": SOURCE, "against": "folder:theirs" if against else None, "names": ["ours", "theirs"] if against else ["ours"]}
        (folder / "audit.json").write_text(json.dumps(told))
        (folder / "status.json").write_text(json.dumps({"state": "running", "time": "2026-03-02T09:30:00+00:00", "overread": "0.1.0"}))
        (folder / "environment.json").write_text(json.dumps({"versions": {"python": "3.11.9"}, "seed": 3, "hashes": {"data": "cd" * 32}}))
        return folder

    return make


def page(folder: Path) -> str:
    return render_audit(folder).read_text(encoding="utf-8")


def words(html: str) -> str:
    """What is read on a page, one word after another."""
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


def first_screen(html: str) -> str:
    return words(html.partition('<nav class="contents"')[0])


def test_the_owner_of_bad_data_is_stopped_with_number_pictures_and_command(audit):
    html = page(audit([COPIES, KEYS, GUESS, REPEATS, SMALL, UNKNOWN, PASSED], links=6))
    said = first_screen(html)

    assert "493 of 500 test images have a copy in train. No figure measured on this split can be believed. 2 leak 2 high 1 low" in said
    assert "98.6% share of test images with a copy in train; 95% interval 97.1 to 99.4%" in said
    assert "overread split 'table:/data/my films.csv?label=label' --out split.csv" in said
    assert "Patients are not named" in said
    assert "600 rows show" not in said  # three findings, no more
    assert html.partition("<nav")[0].count("<img") == 1


def test_the_owner_of_sound_data_is_left_calm(audit):
    html = page(audit([PASSED]))
    said = first_screen(html)

    assert said.endswith("Nothing was found that would make a figure on these data untrue. 1 check passed.")
    for colour in ("leak", "high", "low"):
        assert f'class="severity {colour}"' not in html
        assert f"is-{colour}" not in html.partition("</style>")[2]
    assert "No two different pictures are near-copies" in words(html)


def test_small_things_alone_are_listed_without_alarm(audit):
    said = first_screen(page(audit([SMALL, UNKNOWN, PASSED])))

    assert "Nothing was found that would make a figure on these data untrue." in said
    assert "1 check passed; 1 smaller thing is worth knowing; 1 question could not be answered." in said
    assert "3 images are blank." in said


def test_a_leak_of_few_images_is_not_said_to_make_every_figure_worthless():
    few = Finding("keys", "data", Severity.LEAK, False, "2 of 500 test images.", Effect("share of test images", 0.004))

    assert verdict([few]).means.startswith("Every figure measured on this split is too good")
    assert verdict([COPIES]).means == "No figure measured on this split can be believed."
    assert verdict([GUESS]).means == "A figure on these data may not mean what it seems to mean."


def test_a_comparison_says_that_it_is_one_and_that_the_other_set_is_not_external(audit):
    both = Finding("overlap", "data", Severity.LEAK, False, "60 of 63 images of theirs are in ours.", Effect("share of theirs that is in ours", 0.95))
    folder = audit([both], links=3, against=True)
    html = page(folder)

    assert "A comparison of two sources: which images are in both." in first_screen(html)
    assert "of a model that learnt from the other, measures memory" in first_screen(html)
    assert "3 ours and theirs" in words(html)
    clear = verdict([Finding("overlap", "data", Severity.INFO, True, "No image of theirs is in ours.")], compared=True)
    assert (clear.headline, clear.level) == ("No image of theirs is in ours.", "")


def test_every_finding_stands_there_with_effect_remedy_pictures_and_table(audit):
    html = page(audit([COPIES, GUESS, PASSED], links=6))
    said = words(html)

    assert "0.910 (95% interval 0.880 to 0.930) AUROC without pixels, 600 cases; p = 1e-09" in said
    assert '<line class="interval"' in html
    assert "What to do. Use the split that overread split 'table:/data/my films.csv?label=label' --out split.csv makes." in said
    assert html.count('src="data:image/webp') == 2
    assert "kind 29" in said and "kind 30" not in said and "15 more rows in the folder's evidence/copies.csv" in said
    assert "6 mirrored 0.97 6 turned 0.97" in said
    assert "6 test and train" in said
    assert "No picture carries two labels." in said
    assert "1 the file is cut off 77" in said
    assert "seed 3" in said


def test_a_table_that_two_findings_rest_on_is_shown_once_and_the_second_points_to_it(audit):
    again = Finding("memory", "data", Severity.LEAK, False, "Memory scores them.", evidence=["evidence/copies.csv"])
    html = page(audit([COPIES, again]))

    assert words(html).count("kind 29") == 1
    assert 'Its numbers stand with <a href="#finding-1">the finding above</a>' in html


def test_what_is_to_be_done_now_is_about_the_gravest_finding(audit):
    mend = Finding("guess", "data", Severity.HIGH, False, "The extension tells the label.", remedy="Resave all files alike.")
    split = Finding("memory", "data", Severity.LOW, False, "A little is memory.", remedy="Split by component (`overread split`).")
    said = first_screen(page(audit([mend, split])))

    assert "What to do now Resave all files alike." in said
    assert "--out split.csv" not in said


def test_a_number_of_things_is_written_whole_and_not_drawn_as_a_share(audit):
    few = Finding("class-counts", "data", Severity.HIGH, False, "Class 4 has 1 case.", Effect("components of the smallest class in test", 1.0, n=320))
    html = page(audit([few]))

    assert "1 components of the smallest class in test" in words(html)
    assert "1.000" not in html
    assert "<svg" not in html


def test_rows_are_named_and_no_file_or_patient_is(audit):
    html = page(audit([COPIES, KEYS, SMALL], links=6))

    assert "MILLER" not in html


def test_nothing_is_asked_of_any_host_nothing_runs_and_links_have_their_ends(audit):
    html = page(audit([COPIES, KEYS, GUESS, SMALL, UNKNOWN, PASSED], links=6))
    body = html.partition("</style>")[2]

    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in html
    assert not re.search(r"<(script|link|iframe|object|base|form)\b|\son\w+=|url\(|@import", html)
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', body))
    assert {link[1:] for link in re.findall(r'href="([^"]*)"', body)} <= set(re.findall(r'\bid="([^"]*)"', body))
    assert all(source.startswith("data:image/") for source in re.findall(r'src="([^"]*)"', body))
    assert len(re.findall(r"<img[^>]+alt=\"\w", body)) == body.count("<img")
    for tag in ("div", "section", "table", "dl", "details", "a", "span", "p", "tr"):
        assert len(re.findall(rf"<{tag}\b", body)) == body.count(f"</{tag}>"), tag


def test_what_a_class_or_a_sentence_says_cannot_become_markup(audit):
    said = "<script>alert(1)</script>"
    html = page(audit([Finding("guess", "data", Severity.HIGH, False, said, remedy=f"{said} `{said}`")], other=said))

    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)") > 3


def test_the_page_stays_small_enough_and_says_where_the_other_pictures_are(audit, monkeypatch):
    monkeypatch.setattr(exhibits, "LARGEST", 1000)
    html = page(audit([COPIES]))

    assert "<img" not in html
    assert "One more picture lies in the folder as evidence/copies.png" in words(html)


def test_evidence_outside_the_folder_is_not_taken_in(audit, tmp_path):
    (tmp_path / "secret.csv").write_text("word\nprecious\n")
    Image.new("L", (300, 300)).save(tmp_path / "secret.png")
    html = page(audit([Finding("guess", "data", Severity.HIGH, False, "It is told.", evidence=["../secret.csv", "../secret.png", "absent.png"])]))

    assert "precious" not in html
    assert "<img" not in html


def test_a_runs_page_shows_the_first_of_several_leaks_above_its_number(run):
    folder = run()
    write([GUESS, COPIES, KEYS], folder / "findings.json")
    said = words(render(folder).read_text(encoding="utf-8"))

    assert said.count("Leak. ") == 1
    assert said.index("Leak. 493 of 500 test images have a copy in train.") < said.index("0.831 95% interval")
    assert "2 leak 1 high The file's extension tells the label." in said


def test_a_card_shows_the_third_column_of_its_table_where_what_was_found_may_stand(audit):
    told = Finding("keys", "data", Severity.LEAK, False, "3 of 64.", evidence=["evidence/keys.csv"])
    folder = audit([told])
    pd.DataFrame({"class": ["a"], "test images": [42], "of a patient in train": [3], "more": [7]}).to_csv(
        folder / "evidence" / "keys.csv", index=False
    )
    said = first_screen(page(folder))

    assert "class test images of a patient in train a 42 3" in said
    assert "more" not in said
