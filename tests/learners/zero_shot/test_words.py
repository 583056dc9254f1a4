import numpy as np
import pytest
import torch
from torch.nn import functional

from overread.backbones.weights import Weights
from overread.errors import UserError
from overread.learners.zero_shot.words import embed

import open_clip  # isort: skip

SAID = ["a fracture of the wrist", "Kein Bruch – 骨折なし"]


@pytest.mark.parametrize("quick", [True, False])
def test_texts_are_where_open_clip_puts_them_with_either_activation(quick):
    vision = {"image_size": 32, "patch_size": 16, "width": 64, "layers": 1}
    text = {"context_length": 20, "vocab_size": 49408, "width": 128, "heads": 2, "layers": 3}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        clip = open_clip.model.CLIP(48, vision, text, quick_gelu=quick).eval()
    weights = Weights(clip.state_dict(), "test", "")

    with torch.inference_mode():
        expected = functional.normalize(clip.encode_text(open_clip.SimpleTokenizer(context_length=20)(SAID)), dim=-1)
    found = embed(weights, [[one] for one in SAID], quick)

    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not torch.allclose(embed(weights, [[one] for one in SAID], not quick), expected, atol=1e-5)


def test_a_class_is_the_mean_direction_of_its_prompts(clip):
    weights = Weights(clip.state_dict(), "test", "")

    [one], [other], [both] = (embed(weights, [prompts], False) for prompts in (["bone"], ["a fracture"], ["bone", "a fracture"]))

    np.testing.assert_allclose(both, functional.normalize(one + other, dim=-1), atol=1e-6)


def test_a_tower_of_another_kind_is_a_users_error(clip):
    tensors = dict(clip.state_dict())
    tensors["text_projection"] = tensors["text_projection"][:-1]

    with pytest.raises(UserError, match="is not CLIP's"):
        embed(Weights(tensors, "test", ""), [SAID], False)
