from overread.datasets.base import check_options
from overread.datasets.phantom import Options
from overread.datasets.source import parse
from overread.experiment import demo
from overread.run import Run

TINY = [
    "image.size=64",
    "backbone.name=test_resnet",
    "backbone.pretrained=false",
    "learner.phases=[{trains: all, epochs: 1, rate: 1e-3}]",
    "evaluation.draws=200",
    "runtime.threads=1",
]


def test_the_demo_makes_films_and_a_run_that_sorted_out_what_was_planted(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "FILMS", "n=90&size=48&subtlety=0&seed=0")
    demo.demo(tmp_path / "out", TINY)
    run = Run.open(tmp_path / "out" / "run")
    assert (tmp_path / "out" / "films" / "manifest.csv").is_file() and (run.folder / "report.html").is_file()
    assert len(run.catalog) == 93 and len(run.rejected) == 2
    assert run.catalog.frame["copy_of"].ne("").sum() == 3


def test_the_demos_films_are_those_its_source_asks_for():
    options = check_options(Options, parse(f"phantom:films?{demo.FILMS}"))
    assert options.seed == 0 and [getattr(options, odds) for odds in ("marker", "border", "site", "contrast")] == [1, 1, 1, 1]
