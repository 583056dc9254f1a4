import json
from dataclasses import asdict

import torch

from overread.backbones.preprocess import HALF, Preprocess


def test_pixels_are_scaled_then_centred_channel_by_channel():
    pictures = torch.tensor([[[[0, 128, 255]]]], dtype=torch.uint8)

    seen = Preprocess(1, mean=(0.5, 0.25, 0.0), std=(0.5, 0.5, 2.0)).normalise(pictures)

    torch.testing.assert_close(seen[0, :, 0, 0], torch.tensor([-1.0, (128 / 255 - 0.25) / 0.5, 0.5]))


def test_pictures_keep_their_place_in_memory():
    pictures = torch.randint(0, 256, (2, 8, 8, 3), dtype=torch.uint8)

    assert Preprocess(8).normalise(pictures).is_contiguous(memory_format=torch.channels_last)


def test_it_travels_as_json():
    preprocess = Preprocess(96, (0.1, 0.2, 0.3), HALF)

    assert Preprocess.from_dict(json.loads(json.dumps(asdict(preprocess)))) == preprocess


def test_a_file_that_names_its_mean_has_the_last_word_and_one_that_does_not_has_none():
    usual = Preprocess(224)

    assert usual.told({"mean": "0.5,0.5,0.5", "licence": "MIT"}).mean == HALF
    assert usual.told({"mean": "0.5,0.5,0.5"}).std == usual.std
    assert usual.told({}) == usual


def test_unit_scale_leaves_pixels_between_0_and_1():
    seen = Preprocess(1).unit().normalise(torch.tensor([[[[0, 51, 255]]]], dtype=torch.uint8))

    torch.testing.assert_close(seen[0, :, 0, 0], torch.tensor([0.0, 0.2, 1.0]))
