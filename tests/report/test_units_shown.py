"""Where the cases are studies the page says so everywhere, and where they are images nothing of it is there."""

import json

import pytest

from overread.report import render
from overread.report.show import counted, plural


def as_studies(folder) -> None:
    """Turn a made-up run of images into one of studies."""
    metrics = json.loads((folder / "metrics.json").read_text())
    for entries in metrics.values():
        for entry in entries.values():
            entry |= {"unit": "study", "by_image": {"n": 1033, "metrics": entry["metrics"]}}
            for levels in (entry.get("subgroups") or {}).values():
                for group in levels.values():
                    group["metrics"]["kappa"] = {"value": 0.4321, "low": 0.3, "high": 0.5, "method": "BCa cluster bootstrap"}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    mistakes = json.loads((folder / "mistakes.json").read_text())
    (folder / "mistakes.json").write_text(json.dumps([{**wrong, "unit": "study", "images": 3, "shown": "9999"} for wrong in mistakes]))
    (folder / "model" / "unit.json").write_text(json.dumps({"unit": "study", "pool": "max", "parameter": None, "decisions": {}}))


def test_a_page_of_studies_counts_studies_shows_kappa_and_names_the_image_that_is_drawn(run):
    folder = run()
    as_studies(folder)
    page = render(folder).read_text(encoding="utf-8")

    for said in ("412 studies", "test studies", "the images of a study, pooled by the largest", "study of 3 images, shown row 9999", "1,033 images"):
        assert said in page
    assert "412 images" not in page
    assert ">Studies</th>" in page and ">Images</th>" not in page
    assert "0.432" in page.partition('id="results"')[2] and "Cohen&#39;s kappa</dt>" in page


def test_a_page_of_images_says_nothing_of_studies(run):
    page = render(run()).read_text(encoding="utf-8")

    assert "412 images" in page and ">Images</th>" in page
    assert "each judged by itself" not in page and "pooled by" not in page and "Cohen&#39;s kappa</dt>" not in page


@pytest.mark.parametrize(("one", "many"), [("image", "images"), ("study", "studies"), ("scored study", "scored studies"), ("patient", "patients")])
def test_nouns_are_counted_as_english_counts_them(one, many):
    assert plural(one) == many
    assert (counted(1, one), counted(2344, one)) == (f"1 {one}", f"2,344 {many}")
