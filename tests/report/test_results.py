"""The section of results: rows that stay narrow, reasons for what is missing, and words that say what is asked."""

import json
import re

import pytest

from overread.catalog import Target
from overread.report import render
from overread.report.results import question, reasons

THREE = Target("multiclass", ("glioma", "meningioma", "notumor"))


def table(page, label):
    """The rows of the first table of that name, each as the words of its cells."""
    inside = page.partition(f'aria-label="{label}"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", inside, flags=re.DOTALL)
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.DOTALL)] for row in rows]


@pytest.mark.parametrize("times", [1, 10])
def test_classes_are_rows_so_that_thirty_of_them_make_no_table_wider_than_three(run, times):
    folder = run(THREE)
    metrics = json.loads((folder / "metrics.json").read_text())
    classes = metrics["test"]["label"]["classes"]
    metrics["test"]["label"]["classes"] = {f"{name}{i}": entry for i in range(times) for name, entry in classes.items()}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    rows = table(render(folder).read_text(), "Figures by class")

    assert rows[0] == ["Class", "AUROC", "Average precision", "Sensitivity", "Specificity", "PPV", "NPV", "F1"]
    assert rows[1][:2] == ["glioma0 144 images, 60 components", "0.871 (0.831 to 0.907)"]
    assert len(rows) == 1 + 3 * times


def test_a_mean_of_classes_is_called_one_in_every_table_and_an_auroc_of_two_classes_is_not(run):
    several, two = (render(run(target, name)).read_text() for target, name in ((THREE, "several"), (Target("binary", ("a", "b"), "b"), "two")))

    assert [row[0] for row in table(several, "Test and validation")][1] == "AUROC, mean of classes"
    assert [row[0] for row in table(two, "Test and validation")][1] == "AUROC"


def test_so_is_that_of_an_evaluation_on_other_data_that_a_run_lists(run, external):
    folder = run(THREE)
    place = external(folder)
    metrics = json.loads((place / "metrics.json").read_text())
    whole = json.loads((folder / "metrics.json").read_text())["test"]["label"]
    (place / "metrics.json").write_text(json.dumps({part: {"label": whole} for part in metrics}))

    assert "AUROC, mean of classes" in table(render(folder).read_text(), "Figures on north-3f9a")[0]


def test_a_table_with_figures_that_have_no_interval_says_why_and_another_does_not(run):
    page = render(run()).read_text()
    groups, validation = (
        page.partition(f'aria-label="{label}"')[2].partition("</table>")[2][:200] for label in ("Figures by body_part", "Test and validation")
    )

    assert "No interval: fewer than 10 components in a class." in groups
    assert "No interval" not in validation


def test_reasons_are_told_once_each_and_counts_of_components_alike():
    few = [
        {"metrics": {"auroc": {"value": 0.5, "low": None, "high": None, "method": f"none: {n} components behind it, 10 are needed"}}} for n in (2, 7)
    ]
    other = {"ppv": {"value": 0.5, "low": None, "high": None, "method": "none: does not vary between draws"}}
    undefined = {"npv": {"value": None, "low": None, "high": None, "method": "none: undefined"}}

    assert reasons(few) == "fewer than 10 components in a class"
    assert reasons([*few, other]) == "does not vary between draws; fewer than 10 components in a class"
    assert reasons([undefined, {"auroc": {"value": 0.5, "low": 0.4, "high": 0.6}}]) == ""


def test_classes_that_do_not_say_of_what_stand_behind_the_questions_name():
    assert question("abnormal", ["positive", "negative"]) == "abnormal, positive or negative?"
    assert question("label", ["fractured", "intact"]) == "fractured or intact?"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.47, 0.66, "holds 0.5, which is chance: by this figure the score is not shown to tell anything"),
        (0.3, 0.45, "points the wrong way"),
        (0.6, 0.7, ""),
    ],
)
def test_an_interval_that_holds_chance_or_lies_below_it_is_said_beside_the_number(run, low, high, said):
    folder = run()
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["test"]["label"]["metrics"]["auroc"] |= {"value": (low + high) / 2, "low": low, "high": high}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    sure = render(folder).read_text().partition("<dt>How sure</dt>")[2].partition("</div>")[0]

    assert said in sure
    assert ("which is chance" in sure) is bool(said)


def test_mistakes_stand_under_their_question_where_there_are_several(run):
    folder = run()
    metrics, wrong = (json.loads((folder / name).read_text()) for name in ("metrics.json", "mistakes.json"))
    alone = render(folder).read_text()
    for entries in metrics.values():
        entries["site"] = entries["label"]
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "mistakes.json").write_text(json.dumps([*wrong, {**wrong[0], "row": "9999", "target": "site"}]))
    page = render(folder).read_text()

    assert "Mistakes of" not in alone
    assert "Row 9999" in page.partition("<h3>Mistakes of site</h3>")[2]
    assert "Row 9999" not in page.partition("<h3>Mistakes of site</h3>")[0]


def test_a_share_that_was_found_is_a_percentage_and_code_in_a_remedy_is_set_as_code(run):
    folder = run()
    findings = json.loads((folder / "findings.json").read_text())
    findings[0]["remedy"] = "Ask `guess`."
    (folder / "findings.json").write_text(json.dumps(findings))
    page = render(folder).read_text()

    assert "repeat another&#39;s pixels: 4.3%, 600 cases" in page
    assert "Ask <code>guess</code>." in page


def test_the_models_answers_without_covariates_are_not_passed_off_as_its_auroc(run):
    page = render(run()).read_text()

    assert "the model&#39;s answers, fitted anew</th>" in page
    assert "is not its AUROC among the results" in page


def test_modes_of_files_are_told_in_words(run):
    assert "<dd>grey 600</dd>" in render(run()).read_text()
