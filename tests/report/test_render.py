"""The page says what the folder holds, asks nothing of any host, and names nobody."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from overread.catalog import Target
from overread.errors import UserError
from overread.report import render
from overread.report.show import estimate

HOSTILE = Target("multiclass", ("<script>alert(1)</script>", "b&b", 'c" onload="x'))
THREE = Target("multiclass", ("glioma", "meningioma", "notumor"))
OPTIONAL = (
    *("findings.json", "split.json", "sample_size.json", "covariates.json", "figures.json", "mistakes.json", "environment.json", "log.jsonl"),
    *("heat.json", "test_reads.json", "rejected.csv", "catalog.parquet", "recipe.yaml", "model/model.json", "model/decision.json", "status.json"),
)
VOID = {"meta", "img", "br", "circle", "line", "path", "polyline"}


class Page(HTMLParser):
    """Text, attributes and the open tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open[-1:]:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def values(self, name: str) -> list[str]:
        return [value for _, key, value in self.attributes if key == name]


def read(folder: Path) -> Page:
    return Page(render(folder).read_text(encoding="utf-8"))


@pytest.mark.parametrize("target", [None, THREE, HOSTILE])
def test_the_page_is_whole_and_every_tag_is_closed(run, target):
    page = read(run(target) if target else run())

    assert page.open == []
    assert {"findings", "data", "split", "results", "mistakes", "explanation", "covariates", "training", "card", "checklist", "provenance"} <= set(
        page.values("id")
    )


def test_nothing_is_asked_of_any_host(run, external):
    folder = run()
    external(folder)
    text = render(folder).read_text(encoding="utf-8")
    page = Page(text)

    assert all(link.startswith("#") for link in page.values("href"))
    assert all(source.startswith("data:image/") for source in page.values("src"))
    assert "url(" not in text
    assert "@import" not in text
    assert not {"script", "link", "iframe", "object", "base"} & set(page.tags)


def test_every_link_inside_the_page_has_its_end(run):
    page = read(run())

    assert {link[1:] for link in page.values("href")} <= set(page.values("id"))


def test_rows_are_named_and_no_file_or_patient_is(run):
    text = render(run()).read_text(encoding="utf-8")

    assert "Row 3<" in text
    assert "PAT-" not in text
    assert "Müller" not in text


@pytest.mark.parametrize("target", [None, THREE])
def test_every_figure_of_test_stands_there_with_its_interval(run, target):
    folder = run(target) if target else run()
    measured = json.loads((folder / "metrics.json").read_text())["test"]["label"]["metrics"]
    text = read(folder).text

    assert [name for name, entry in measured.items() if estimate(entry, name) not in text] == []


@pytest.mark.parametrize("target", [None, THREE])
def test_figures_of_validation_classes_groups_and_at_half_stand_there_too(run, target):
    folder = run(target) if target else run()
    measured = json.loads((folder / "metrics.json").read_text())
    held = [measured["val"]["label"]["metrics"]]
    held += [entry["metrics"] for entry in measured["test"]["label"].get("classes", {}).values()]
    held += [level["metrics"] for levels in measured["test"]["label"]["subgroups"].values() for level in levels.values()]
    held += [measured["test"]["label"]["at_half"]]
    text = read(folder).text

    assert [name for metrics in held for name, entry in metrics.items() if estimate(entry, name) not in text] == []


def test_an_undefined_figure_is_not_written_as_a_number(run):
    folder = run()
    measured = json.loads((folder / "metrics.json").read_text())
    measured["test"]["label"]["metrics"]["calibration_slope"] = {"value": None, "low": None, "high": None, "method": "none: separable"}
    (folder / "metrics.json").write_text(json.dumps(measured))
    text = read(folder).text

    assert "Calibration slope not defined" in text
    assert "nan" not in text.lower().split()
    assert "None" not in text.split()


def test_what_a_class_is_called_cannot_become_markup(run):
    folder = run(HOSTILE)
    text = render(folder).read_text(encoding="utf-8")
    page = Page(text)

    assert "script" not in page.tags
    assert not page.values("onload")
    assert "<script>alert(1)</script>" in page.text


def test_a_picture_outside_the_folder_is_not_taken_in(run, tmp_path):
    folder = run()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "mistakes.json").write_text(json.dumps([{"row": "1", "truth": "a", "decision": "b", "p": 0.9, "picture": "../secret.png"}]))

    assert "c2VjcmV0" not in render(folder).read_text(encoding="utf-8")


@pytest.mark.parametrize("absent", OPTIONAL)
def test_any_other_file_may_be_absent(run, absent):
    folder = run()
    (folder / absent).unlink()

    assert "0.831 95% interval 0.781 to 0.876" in read(folder).text


def test_a_folder_without_figures_is_refused(run):
    folder = run()
    (folder / "metrics.json").unlink()

    with pytest.raises(UserError, match="nothing was measured here"):
        render(folder)


def test_predictions_of_anyones_model_have_a_page(predictions_only):
    text = read(predictions_only).text

    assert "0.831 95% interval" in text
    assert "From one image, a model gives the probability of “fractured”" in text
    assert "Training" not in text.partition("Findings")[2].partition("Results")[0]


def test_other_data_have_a_page_with_both_models_side_by_side(run, external):
    folder = run()
    place = external(folder)
    page = read(place)

    assert "On other data: fractured or not fractured?" in page.text
    assert "the model of fracture-a" in page.text
    for part in json.loads((place / "metrics.json").read_text()).values():
        assert estimate(part["label"]["metrics"]["auroc"], "auroc") in page.text
    assert "recalibrated model, rows not used for it" in page.text


def test_a_run_lists_the_evaluations_on_other_data_without_a_link(run, external):
    folder = run()
    alone = read(folder).text
    external(folder)
    page = read(folder)

    assert "On other data" not in alone
    assert "On other data" in page.text
    assert "north-3f9a" in page.text
    assert not [link for link in page.values("href") if "north" in link]


def test_the_covariate_baseline_and_what_the_image_adds_stand_there_with_intervals(run):
    text = read(run()).text

    for said in (
        "both 0.802 (0.752 to 0.847)",
        "what the image adds 0.149 (0.109 to 0.185)",
        "together 0.642 (0.592 to 0.687)",
        "the file's width 0.571",
    ):
        assert said in text


def test_rejected_rows_are_counted_by_reason(run):
    text = read(run()).text

    assert "−12 could not be read" in text
    assert "9 the file is cut off" in text


def test_pictures_have_words_for_those_who_do_not_see_them(run):
    page = read(run())
    pictures = page.tags.count("img")

    assert pictures == len([value for tag, name, value in page.attributes if (tag, name) == ("img", "alt") and value])
    assert pictures == 18
    assert page.tags.count("th") == len([1 for tag, name, _ in page.attributes if (tag, name) == ("th", "scope")])


def test_a_label_that_is_unknown_is_counted_apart(run):
    folder = run()
    from overread.catalog import Catalog

    catalog = Catalog.load(folder / "catalog.parquet")
    labels = catalog.frame["label"].where(catalog.frame.index > 3, pd.NA)
    catalog.replace(catalog.frame.assign(label=labels)).save(folder / "catalog.parquet")

    assert re.search(r"label unknown \d", read(folder).text)


def test_a_cross_validated_runs_evaluation_on_other_data_does_not_speak_of_folds(run, external):
    place = external(run())
    (place / "recipe.yaml").write_text("split: {folds: 5}\n")
    text = read(place).text
    assert "figures come from folds" not in text
    assert "Each fold has a threshold" not in text


def test_an_evaluation_that_was_cut_off_is_not_listed(run, external):
    folder = run()
    place = external(folder)
    (place / "status.json").write_text(json.dumps({"state": "running"}))
    assert "north-3f9a" not in read(folder).text


def test_the_card_of_a_linear_head_names_no_hidden_layer(run):
    folder = run()
    told = json.loads((folder / "model" / "model.json").read_text())
    for kind, shown in (("mlp", True), ("linear", False)):
        (folder / "model" / "model.json").write_text(json.dumps({**told, "head": {"kind": kind, "hidden": 7531, "dropout": [0.2]}}))
        assert ("7531" in read(folder).text) is shown


def test_heat_maps_stand_beside_their_films_with_magnitudes_and_are_called_a_hypothesis(run):
    page = read(run())

    for words in (
        "Grad-CAM at layer4",
        "up to the highest peak among them, 0.432",
        "A heat map is a hypothesis, not a proof",
        "peak of the map 0.432",
    ):
        assert words in page.text
    assert "the map is zero everywhere" in page.text
    assert "These maps have not been checked" in page.text
    assert "under its heat map, peak 0.2 of 0.432" in " ".join(page.values("alt"))
    assert "Heat maps by Grad-CAM at layer4" in page.text


def test_why_there_are_no_heat_maps_is_said(run):
    folder = run()
    (folder / "heat.json").write_text(json.dumps({"note": "No heat maps: tokens.", "maps": []}))
    page = read(folder)

    assert "No heat maps: tokens." in page.text
    assert "hypothesis, not a proof" not in page.text
