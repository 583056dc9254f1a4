import json
import subprocess
import sys

import pytest

from overread import __version__
from overread.cli.app import answer


def document(capsys):
    """The one JSON document on stdout."""
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["train", "--help"], ["list", "recipes", "--json"], ["list", "datasets"], ["list", "backbones"], ["list", "explanations"]],
)
def test_help_and_lists_load_nothing_heavy(arguments):
    code = (
        "import sys; from overread.cli.app import answer; import overread.cli; code = answer(sys.argv[1:]);"
        "heavy = {'torch', 'timm', 'torchvision', 'pandas', 'sklearn', 'matplotlib', 'cv2'} & set(sys.modules);"
        "sys.exit(code or (str(heavy) if heavy else 0))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_version_is_told(capsys):
    assert answer(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_the_package_can_be_run_as_a_module():
    done = subprocess.run([sys.executable, "-m", "overread", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


def test_every_verb_has_help_with_every_option_told(capsys):
    for verb in ("benchmark", "compare", "demo", "evaluate", "explain", "list", "predict", "prepare", "split", "train"):
        assert answer([verb, "--help"]) == 0
        page = capsys.readouterr().out
        assert "--json" in page
        assert "--fail-on" in page


def test_every_verbs_json_parses(films, tmp_path, capsys, tiny):
    films(n=80)
    source = f"table:{tmp_path / 'films' / 'films.csv'}"
    calls = {
        "list": ["list", "recipes"],
        "split": ["split", source, "--out", str(tmp_path / "split.csv")],
        "prepare": ["prepare", source, "--out", str(tmp_path / "prepared"), "--set", "image.size=32"],
        "train": ["train", "default", "--data", source, "--out", str(tmp_path / "run"), *tiny],
        "predict": ["predict", str(tmp_path / "run"), str(tmp_path / "films"), "--out", str(tmp_path / "p.csv")],
        "explain": ["explain", str(tmp_path / "run"), str(tmp_path / "films" / "film 1.png"), "--out", str(tmp_path / "heat"), "--class", "broken"],
    }
    for verb, call in calls.items():
        assert answer([*call, "--json"]) == 0, verb
        told = document(capsys)
        assert (told["verb"], told["ok"], told["error"]) == (verb, True, None)
        assert set(told) == {"verb", "ok", "result", "findings", "error"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["train", "default"], "no data"),
        (["train", "nothing", "--data", "folder:x"], "no recipe 'nothing'"),
        (["train", "default", "--data", "folder:nowhere"], "nowhere"),
        (["train", "default", "--data", "foldr:x"], "unknown reader 'foldr'"),
        (["train", "default", "--set", "image.sise=3"], "unknown key"),
        (["train"], "Missing argument"),
        (["train", "default", "--dta", "x"], "No such option"),
        (["evaluate"], "nothing to evaluate"),
        (["evaluate", "nowhere", "--data", "folder:x"], "not a run folder"),
        (["predict", "nowhere", "x.png", "--out", "p.csv"], "not a run folder"),
        (["explain", "nowhere", "x.png", "--out", "heat"], "not a run folder"),
        (["train", "default", "--set", "explain.method=gradcam"], "did you mean 'grad-cam'"),
        (["list", "kittens"], "kittens"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_code_2(call, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert answer(call) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.strip().splitlines()) == 1
    assert words in shown.err

    assert answer([*call, "--json"]) == 2
    told = document(capsys)
    assert told["ok"] is False
    assert words in told["error"]["what"] + told["error"]["where"]
    assert set(told["error"]) == {"what", "where", "mend"}


def test_a_finding_at_the_asked_severity_ends_with_3_and_a_lower_one_does_not(trained, tmp_path, capsys):
    call = ["split", f"table:{trained.films / 'films.csv'}", "--out"]
    assert answer([*call, str(tmp_path / "a.csv"), "--fail-on", "leak"]) == 0
    assert answer([*call, str(tmp_path / "b.csv"), "--fail-on", "high"]) == 3
    assert "conflicting-labels" in [f["check"] for f in _findings([*call, str(tmp_path / "c.csv")], capsys)]


def _findings(call, capsys):
    capsys.readouterr()
    answer([*call, "--json"])
    return [finding for finding in document(capsys)["findings"] if finding["passed"] is False]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda place: place.mkdir(), "no image"),
        (lambda place: [(place / name).mkdir(parents=True) for name in ("normal", "ill")], "no image"),
    ],
)
def test_an_empty_folder_is_said(make, words, tmp_path, capsys):
    make(tmp_path / "x")
    assert answer(["train", "default", "--data", f"folder:{tmp_path / 'x'}", "--out", str(tmp_path / "run")]) == 2
    assert words in capsys.readouterr().err


def test_an_output_where_nothing_can_be_made_is_said_in_one_line(films, tmp_path, capsys):
    films(n=40)
    (tmp_path / "file").write_text("in the way")
    assert answer(["split", f"table:{tmp_path / 'films' / 'films.csv'}", "--out", str(tmp_path / "file" / "split.csv")]) == 2
    assert "a file stands where a folder is needed" in capsys.readouterr().err


def test_a_bug_of_ours_is_a_traceback_exit_code_1_and_still_one_document(monkeypatch, capsys):
    monkeypatch.setattr("overread.recipe.names", lambda: 1 / 0)
    assert answer(["list", "recipes", "--json"]) == 1
    shown = capsys.readouterr()
    assert "Traceback" in shown.err
    assert json.loads(shown.out)["error"]["what"].startswith("ZeroDivisionError")
