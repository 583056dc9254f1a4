import time

from overread.experiment.training.costs import Costs
from overread.run import Run


def test_a_finished_run_tells_what_it_cost(trained):
    run = Run.open(trained.folder)
    told = run.json("costs.json")

    assert told["bytes"] == sum(file.stat().st_size for file in (run.folder / "model").iterdir())
    assert told["train_seconds"] > 0.05
    assert told["images_per_second"] > 1
    assert (told["fits"], told["resumed"], told["stored"]) == (1, False, False)


def test_fits_are_added_up_and_the_rate_is_of_the_first_prediction_as_later_ones_find_its_features(tmp_path):
    costs = Costs()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a").write_bytes(b"1234")
    for seconds in (0.1, 0.001):
        with costs.fitting():
            time.sleep(0.05)
        with costs.predicting(10):
            time.sleep(seconds)
    costs.write(Run(tmp_path), resumed=True)
    told = Run(tmp_path).json("costs.json")

    assert 0.1 <= told["train_seconds"] < 0.2
    assert 60 < told["images_per_second"] <= 100
    assert (told["fits"], told["bytes"], told["resumed"]) == (2, 4, True)


def test_features_that_were_there_before_are_told(tmp_path):
    costs, run = Costs(), Run(tmp_path)
    (tmp_path / "model").mkdir()
    with costs.fitting(), costs.predicting(1):
        pass
    for kept, stored in ((0, False), (7, True)):
        (tmp_path / "log.jsonl").unlink(missing_ok=True)
        run.workspace().log(event="features", networks={"resnet50": {"kept": kept, "computed": 3}})
        run.workspace().log(event="features", networks={"resnet50": {"kept": 10, "computed": 0}})
        costs.write(run, resumed=False)
        assert run.json("costs.json", "stored") is stored
