"""The grade is read off the split, not off what was asked for."""

import pytest

from overread.partition import grade, grade_sentence, partition, protection
from overread.partition.grade import SENTENCES
from overread.recipe import Split


def test_known_patients_apart_are_patient_safe_and_unknown_ones_are_not(catalog):
    patient = [f"p{i // 2}" for i in range(60)]
    known = catalog(["sick", "well"] * 30, patient=patient)
    unknown = catalog(["sick", "well"] * 30)
    partly = catalog(["sick", "well"] * 30, patient=["", *patient[1:]])

    assert grade(partition(known, Split(), 0)[0]) == "patient-safe"
    assert grade(partition(unknown, Split(), 0)[0]) == "copy-safe (patients unknown)"
    assert grade(partition(partly, Split(), 0)[0]) == "copy-safe (patients unknown)"


@pytest.mark.parametrize("shared", [{"patient": ["p", "p"]}, {"pixel_sha": ["x", "x"]}, {"group": ["g", "g"]}])
def test_anything_shared_across_a_published_split_is_image_only(catalog, shared):
    made = catalog(["sick", "well"] * 4 + ["sick"] * 2, split=["train", "train", "val", "val", "test", "test", "train", "train", "train", "test"])
    (key, values), *_ = shared.items()
    leaky = made.replace(made.frame.assign(**{key: [f"k{i}" for i in range(8)] + values}))
    clean = made.replace(made.frame.assign(**{key: [f"k{i}" for i in range(10)]}))

    assert grade(partition(leaky, Split(published=True), 0)[0]) == "image-only"
    assert grade(partition(clean, Split(published=True), 0)[0]) != "image-only"


def test_images_that_were_not_read_cannot_be_called_apart(catalog):
    blank = [""] * 60
    unread = catalog(["sick", "well"] * 30, patient=[f"p{i}" for i in range(60)], bytes_sha=blank, pixel_sha=blank)

    assert grade(partition(unread, Split(), 0)[0]) == "image-only"


def test_a_training_source_without_patients_does_not_lower_the_grade_of_another(catalog):
    split = ["train"] * 4 + ["val"] * 4 + ["test"] * 4
    patient = [""] * 2 + [f"p{i}" for i in range(10)]
    mixed = catalog(["sick", "well"] * 6, patient=patient, split=split)
    apart = mixed.replace(mixed.frame.assign(source=["far"] * 2 + ["near"] * 10))

    assert grade(partition(mixed, Split(published=True), 0)[0]) == "copy-safe (patients unknown)"
    assert grade(partition(apart, Split(published=True), 0)[0]) == "patient-safe"


def test_every_grade_says_what_it_does_not_protect_against():
    assert all(" not " in grade_sentence(name) or "says little" in grade_sentence(name) for name in SENTENCES)


def test_held_out_sites_speak_for_other_hospitals_and_one_split_does_not():
    assert all(text.endswith(".") and ".." not in text for name in SENTENCES for by_site in (False, True) for text in protection(name, by_site))
    (_, beyond), (against, unlike) = protection("patient-safe"), protection("patient-safe", by_site=True)
    assert "not speak for other hospitals" in beyond
    assert "learnt at the others" in against and "not speak for hospitals unlike these" in unlike


@pytest.mark.parametrize("name", SENTENCES)
def test_the_words_say_whether_altered_copies_were_sought(name):
    sought, unsought = grade_sentence(name, near_copies=True), grade_sentence(name)

    assert "{" not in sought + unsought
    if name != "image-only":
        assert "mirrored" in sought and "were altered" not in sought
        assert "altered" in unsought and "mirrored" not in unsought
