from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from overread.catalog import Target
from overread.errors import UserError
from overread.imaging.augment import PRESETS, Augmentation
from overread.learners.finetune.fit import augmentation
from overread.learners.finetune.options import Options

HEAD = {"trains": "head", "epochs": 4, "rate": 1e-2}
ALL = {"trains": "all", "epochs": 4, "rate": 3e-3}


def auroc(model, data) -> float:
    part = data.part("test")
    return roc_auc_score(part.frame["label"] == "broken", model.predict(part)["raw:label:broken"])


def equal(one, other) -> bool:
    return all(torch.equal(tensor, other.classifier.state_dict()[name]) for name, tensor in one.classifier.state_dict().items())


def test_a_planted_sign_is_learnt_and_shuffled_labels_are_not(catalog, fitted, recipe):
    data = catalog(n=100)
    told = recipe(phases=[{**ALL, "epochs": 6}])
    shuffled = data.frame["label"].sample(frac=1, random_state=0).to_numpy()

    assert auroc(fitted(data, told)[0], data) > 0.95
    assert auroc(fitted(data.replace(data.frame.assign(label=shuffled)), told)[0], data) < 0.9


@pytest.mark.parametrize("backbone", ["test_efficientnet", "test_vit"])
def test_other_families_learn_too(catalog, fitted, recipe, backbone):
    data = catalog(n=100)

    model, _ = fitted(data, recipe(backbone, "auto", phases=[{**ALL, "epochs": 8, "warm_up": 1}], stop={"on": "auroc", "patience": 8}))

    assert auroc(model, data) > 0.9


def test_the_same_seed_gives_the_same_model_and_another_seed_another(catalog, fitted, recipe):
    data, told = catalog(), recipe(augment="strong", phases=[HEAD | {"epochs": 1}, ALL | {"epochs": 2}])

    model, _ = fitted(data, told)

    assert equal(model, fitted(data, told)[0])
    assert not equal(model, fitted(data, told, seed=1)[0])


def test_fitting_leaves_torchs_generator_and_threads_alone(fitted):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    threads = torch.get_num_threads()

    fitted()

    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


def test_features_computed_once_give_the_head_that_the_long_way_gives(catalog, fitted, recipe, monkeypatch):
    data = catalog()
    told = recipe(phases=[HEAD], head={"kind": "mlp", "hidden": 8, "dropout": [0.5, 0.3]})
    short, _ = fitted(data, told)
    monkeypatch.setitem(PRESETS, "light", Augmentation(erase=1e-12))  # an augmentation, though it changes no picture
    long, _ = fitted(data, recipe(**{**told.learner, "augment": "light"}))

    columns = ["raw:label:broken"]
    np.testing.assert_allclose(short.predict(data)[columns], long.predict(data)[columns], atol=1e-4)
    assert not equal(short, fitted(data, told, seed=1)[0])


def test_the_epoch_that_was_best_on_validation_is_kept(catalog, fitted, recipe):
    data = catalog()
    model, log = fitted(data, recipe(phases=[{**ALL, "epochs": 6, "rate": 1e-2}], stop={"on": "loss", "patience": 6}))

    val = data.part("val")
    z = torch.from_numpy(model.predict(val)["raw:label:broken"].to_numpy(copy=True))
    truth = torch.from_numpy((val.frame["label"] == "broken").to_numpy(dtype=float))
    loss = float(torch.nn.functional.binary_cross_entropy_with_logits(z, truth))
    assert loss == pytest.approx(min(event["val_loss"] for event in log), abs=0.05)
    assert [event["best"] for event in log].count(True) >= 1


def test_training_ends_when_patience_does(catalog, fitted, recipe):
    data = catalog()
    _, log = fitted(data, recipe(phases=[{**HEAD, "epochs": 50, "rate": 1e-9}], stop={"on": "auroc", "patience": 2}))

    assert len(log) < 20


def test_every_epoch_is_logged_with_what_the_report_draws(catalog, fitted, recipe):
    _, log = fitted(catalog(), recipe(phases=[HEAD | {"epochs": 1}, ALL | {"epochs": 2, "warm_up": 1}]))

    assert [(event["phase"], event["epoch"]) for event in log] == [(1, 1), (2, 2), (2, 3)]
    wanted = {"fold", "train_loss", "val_loss", "val_auroc", "val_balanced_accuracy", "rate", "images_per_second", "seconds", "trains", "best"}
    assert wanted <= set(log[0])


def test_unlabelled_rows_and_copies_are_neither_learnt_from_nor_missed(catalog, fitted, recipe):
    data = catalog()
    train = data.frame.index[data.frame["split"] == "train"]
    unlabelled = data.frame.copy()
    unlabelled.loc[train[:4], "label"] = None
    copied = data.frame.copy()
    copied.loc[train[:4], "copy_of"] = "59"

    one, other = fitted(data.replace(unlabelled), recipe())[0], fitted(data.replace(copied), recipe())[0]

    assert equal(one, other)
    assert not equal(one, fitted(data, recipe())[0])


def test_test_rows_are_never_looked_at(catalog, fitted, recipe):
    data = catalog()
    spoilt = data.frame.copy()
    spoilt.loc[spoilt["split"] == "test", ["file", "bytes_sha", "label"]] = ["nowhere.png", "0" * 64, None]

    assert equal(fitted(data, recipe())[0], fitted(data.replace(spoilt), recipe())[0])


@pytest.mark.parametrize("balance", ["none", "weights", "sampler"])
def test_three_classes_are_learnt_however_they_are_balanced(catalog, fitted, recipe, balance):
    data = catalog(n=100)
    labels = data.frame["label"].mask(data.frame["site"] == "a", "elsewhere")
    three = replace(data, frame=data.frame.assign(label=labels), targets={"label": Target("multiclass", ("broken", "elsewhere", "not broken"))})

    model, _ = fitted(three, recipe(balance=balance))

    frame = model.predict(three.part("test"))
    assert list(frame) == ["row", "raw:label:broken", "raw:label:elsewhere", "raw:label:not broken"]
    assert frame["row"].tolist() == three.part("test").frame["row"].tolist()
    assert np.isfinite(frame.iloc[:, 1:].to_numpy()).all()


def test_mirroring_can_be_turned_on_where_no_side_matters(catalog, fitted, recipe):
    data = catalog()

    assert not equal(fitted(data, recipe(augment="radiograph", mirror=True))[0], fitted(data, recipe(augment="radiograph"))[0])


def test_how_far_pictures_are_turned_may_be_told():
    told = augmentation(Options(augment="none", mirror=True, rotate=30))

    assert told == Augmentation(flip_horizontal=0.5, rotate=30)
    assert augmentation(Options(augment="strong", rotate=0)) == replace(PRESETS["strong"], rotate=0)
    assert augmentation(Options(augment="light")) == PRESETS["light"]


def only(frame, split: str, label: str):
    return frame[(frame["split"] != split) | (frame["label"] == label)]


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda frame: frame[frame["split"] != "train"], {}, "no labelled row in train"),
        (lambda frame: frame[frame["split"] != "val"], {}, "no labelled row in val"),
        (lambda frame: only(frame, "train", "broken"), {}, "training rows are all of one class"),
        (lambda frame: only(frame, "val", "broken"), {}, "validation rows are all of one class.*learner.stop.on=loss"),
        (lambda frame: frame, {"phases": [{**ALL, "trains": "from layer9"}]}, "no stage 'layer9'.*layer4"),
        (lambda frame: frame, {"phases": [HEAD, {**ALL, "trains": "last 99"}]}, "5 blocks, not 99"),
        (lambda frame: frame, {"phases": [{**ALL, "rate": 1e30}]}, "the loss is no number any more.*rate"),
    ],
)
def test_what_cannot_be_trained_is_a_users_error(catalog, fitted, recipe, change, options, said):
    data = catalog()

    with pytest.raises(UserError, match=said):
        fitted(data.replace(change(data.frame)), recipe(**options))


def test_validation_of_one_class_will_do_where_the_loss_decides(catalog, fitted, recipe):
    data = catalog()

    _, log = fitted(data.replace(only(data.frame, "val", "broken")), recipe(stop={"on": "loss", "patience": 2}))

    assert log[0]["val_auroc"] is None
