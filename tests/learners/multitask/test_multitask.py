"""One network learns several questions at once; see test_resumed for a training that is broken off."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from overread.errors import UserError
from overread.imaging.augment import PRESETS, Augmentation
from overread.learners.finetune.options import Phase
from overread.learners.finetune.phases import optimiser

HEAD = {"trains": "head", "epochs": 4, "rate": 1e-2}
ALL = {"trains": "all", "epochs": 8, "rate": 3e-3}


def equal(one, other) -> bool:
    return all(torch.equal(tensor, other.classifier.state_dict()[name]) for name, tensor in one.classifier.state_dict().items())


def logits(model, data):
    return model.predict(data).drop(columns="row").to_numpy()


@pytest.mark.parametrize("weights", [{"region": 0.5}, "learned"])
def test_both_questions_are_learnt_with_labels_missing(two, learnt, both, weights):
    data = two(n=120)
    draw = np.random.default_rng(1)
    hidden = data.frame.assign(**{name: data.frame[name].mask((data.frame["split"] == "train") & (draw.random(120) < 0.3)) for name in data.targets})

    model, log = learnt(data.replace(hidden), both(phases=[ALL], weights=weights, stop={"patience": 8}))

    part = data.part("test")
    said = model.predict(part)
    assert list(said) == ["row", *(f"raw:{name}:{cls}" for name, target in data.targets.items() for cls in target.classes)]
    assert roc_auc_score(part.frame["label"] == "broken", said["raw:label:broken"]) > 0.9
    assert (said.filter(like="raw:region").to_numpy().argmax(1) == part.targets["region"].encode(part.frame["region"])).mean() > 0.9
    assert {"label", "region"} == set(log[-1]["targets"])


def test_every_epoch_tells_of_each_target_and_chooses_by_their_mean(learnt):
    _, log = learnt()

    for event in log:
        told = list(event["targets"].values())
        for name in ("train_loss", "val_loss", "val_auroc", "val_balanced_accuracy"):
            assert event[name] == pytest.approx(np.mean([target[name] for target in told]))
    best = max(range(len(log)), key=lambda i: (log[i]["val_auroc"], -log[i]["val_loss"]))
    assert log[best]["best"]
    assert not any(event["best"] for event in log[best + 1 :])


def test_learned_weights_move_are_logged_and_are_as_fast_as_the_head_without_decay(learnt, both):
    model, log = learnt(told=both(weights="learned", phases=[HEAD]))
    _, fixed = learnt(told=both(weights={"region": 0.5}, phases=[HEAD]))

    counted = [tuple(target["weight"] for target in event["targets"].values()) for event in log]
    assert len(set(counted)) == len(counted)
    assert counted[0] != (1, 1)
    assert {tuple(target["weight"] for target in event["targets"].values()) for event in fixed} == {(1.0, 0.5)}
    groups = optimiser(model.classifier, Phase(trains="all", epochs=1, rate=1e-2, decay=0.5), 0.05).param_groups
    [own] = [group for group in groups if any(parameter is model.heads.weighing.log_variances for parameter in group["params"])]
    assert own["weight_decay"] == 0
    assert own["lr"] * own.get("lr_scale", 1) == max(group["lr"] * group.get("lr_scale", 1) for group in groups)


def test_the_same_seed_gives_the_same_model_and_another_seed_another(two, learnt, both):
    data, told = two(), both(augment="strong", phases=[HEAD | {"epochs": 1}, ALL | {"epochs": 2}], weights="learned")

    model, _ = learnt(data, told)

    assert equal(model, learnt(data, told)[0])
    assert not equal(model, learnt(data, told, seed=1)[0])


def test_features_computed_once_give_the_heads_that_the_long_way_gives(two, learnt, both, monkeypatch):
    data, options = two(), {"phases": [HEAD], "head": {"kind": "mlp", "hidden": 8, "dropout": [0.5, 0.3]}, "weights": "learned"}
    short, quick = learnt(data, both(**options))
    monkeypatch.setitem(PRESETS, "light", Augmentation(erase=1e-12))  # an augmentation, though it changes no picture
    long, slow = learnt(data, both(**options, augment="light"))

    np.testing.assert_allclose(logits(short, data), logits(long, data), atol=1e-4)
    assert [event["val_loss"] for event in quick] == pytest.approx([event["val_loss"] for event in slow], abs=1e-4)


def test_rows_without_any_label_and_copies_take_no_part(two, learnt):
    data = two()
    train = data.frame.index[data.frame["split"] == "train"][:4]
    blank, copied, half = data.frame.copy(), data.frame.copy(), data.frame.copy()
    blank.loc[train, ["label", "region"]] = None
    copied.loc[train, "copy_of"] = "59"
    half.loc[train, "region"] = None

    one = learnt(data.replace(blank))[0]

    assert equal(one, learnt(data.replace(copied))[0])
    assert not equal(one, learnt(data.replace(half))[0])


def test_a_target_that_is_not_named_is_not_answered_and_order_is_as_named(two, learnt, both):
    data = two()

    model, _ = learnt(data, both(targets=["region", "label"]))

    assert list(model.targets) == ["region", "label"]
    assert list(model.predict(data))[1] == "raw:region:hand"


def test_it_goes_on_from_a_model_of_either_kind_with_the_heads_that_fit(two, learnt, both, tmp_path):
    data, still = two(), [{"trains": "head", "epochs": 1, "rate": 1e-9}]
    start, _ = learnt(data, both())
    start.save(tmp_path / "start")

    again, _ = learnt(data, both(start=str(tmp_path / "start"), phases=still), 5)
    turned, _ = learnt(data, both(start=str(tmp_path / "start"), phases=still, targets=["region", "label"]), 5)

    np.testing.assert_allclose(logits(again, data), logits(start, data), atol=1e-4)
    names = [name for name in start.predict(data) if name != "row"]
    np.testing.assert_allclose(turned.predict(data)[names], start.predict(data)[names], atol=1e-4)
    assert list(again.weights) == ["model start, begun from scratch"]


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda f: f.assign(region=f["region"].where(f["split"] != "train")), {}, "no labelled row in train.*target region"),
        (lambda f: f.assign(region=f["region"].where(f["split"] != "val")), {}, "no labelled row in val.*target region"),
        (lambda f: f.assign(label=f["label"].where((f["split"] != "train") | (f["label"] == "broken"))), {}, "of one class.*target label"),
        (lambda f: f.assign(label=f["label"].where((f["split"] != "val") | (f["label"] == "broken"))), {}, "validation.*one class.*target label"),
        (lambda f: f, {"phases": [{**ALL, "rate": 1e30}]}, "the loss is no number any more"),
        (lambda f: f, {"weights": {"regoin": 1}}, "loss weight for 'regoin'.*'region'"),
    ],
)
def test_what_cannot_be_trained_is_a_users_error(two, learnt, both, change, options, said):
    data = two()

    with pytest.raises(UserError, match=said):
        learnt(data.replace(change(data.frame)), both(**options))


def test_validation_of_one_class_will_do_where_the_loss_decides(two, learnt, both):
    data = two()
    one = data.frame.assign(label=data.frame["label"].where((data.frame["split"] != "val") | (data.frame["label"] == "broken")))

    _, log = learnt(data.replace(one), both(stop={"on": "loss", "patience": 2}))

    assert log[0]["val_auroc"] is None
    assert log[0]["targets"]["label"]["val_auroc"] is None
    assert log[0]["targets"]["region"]["val_auroc"] is not None
