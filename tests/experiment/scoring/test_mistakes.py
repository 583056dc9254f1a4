import pandas as pd
from PIL import Image

from overread.catalog import Catalog, Target
from overread.datasets.base import read
from overread.experiment.answers.reading import Judged
from overread.experiment.scoring.mistakes import draw_mistakes
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.scan import scan


def test_the_surest_mistakes_come_first_one_a_component_and_right_calls_never(films, tmp_path):
    films(n=6)
    found, _ = scan(read([f"table:{tmp_path / 'films' / 'films.csv'}"]), Fitting(32), Cache(), 1)
    catalog = Catalog(found.frame.assign(component=["a", "a", "b", "b", "c", "c"]), {"label": Target("binary", ("well", "ill"), "ill")})
    p = pd.Series([0.9, 0.95, 0.2, 0.6, 0.99, 0.3])
    judged = pd.DataFrame({"row": catalog.frame["row"], "truth:label": ["well", "well", "ill", "well", "ill", "ill"]})
    judged = judged.assign(**{"p:label:well": 1 - p, "p:label:ill": p, "decision:label": p.ge(0.5).map({True: "ill", False: "well"})})

    listed = draw_mistakes(Judged(judged), catalog, tmp_path, Fitting(32))

    assert [(entry["row"], entry["decision"]) for entry in listed] == [("1", "ill"), ("2", "well"), ("5", "well")]
    assert [entry["p"] for entry in listed] == [0.95, 0.8, 0.7]
    assert Image.open(tmp_path / listed[0]["picture"]).size == (32, 32)


def test_no_mistake_no_picture(films, tmp_path):
    films(n=4)
    found, _ = scan(read([f"table:{tmp_path / 'films' / 'films.csv'}"]), Fitting(32), Cache(), 1)
    judged = found.frame[["row"]].assign(**{f"{kind}:label": found.frame["label"] for kind in ("truth", "decision")})
    judged = judged.assign(**{f"p:label:{cls}": 0.5 for cls in found.targets["label"].classes})
    assert draw_mistakes(Judged(judged), found, tmp_path, Fitting(32)) == []


def test_of_a_study_the_image_that_speaks_most_for_the_wrong_call_is_drawn(films, tmp_path):
    films(n=6)
    found, _ = scan(read([f"table:{tmp_path / 'films' / 'films.csv'}"]), Fitting(32), Cache(), 1)
    study = ["a", "a", "a", "b", "b", "c"]
    catalog = Catalog(found.frame.assign(component=study, study=study, patient=""), {"label": Target("binary", ("well", "ill"), "ill")})
    p = pd.Series([0.3, 0.9, 0.7, 0.2, 0.1, 0.9])
    images = pd.DataFrame({"row": catalog.frame["row"], "split": "test", "p:label:well": 1 - p, "p:label:ill": p})
    units = pd.DataFrame({"row": ["0", "3", "5"], "truth:label": ["well", "ill", "ill"], "decision:label": ["ill", "well", "ill"]})
    units = units.assign(split="test", **{"p:label:ill": [0.65, 0.15, 0.9], "p:label:well": [0.35, 0.85, 0.1]})

    listed = draw_mistakes(Judged(images, units), catalog, tmp_path, Fitting(32), "study")

    assert [(entry["row"], entry["shown"], entry["images"], entry["p"]) for entry in listed] == [("3", "4", 2, 0.85), ("0", "1", 3, 0.65)]
    assert {entry["unit"] for entry in listed} == {"study"}
