import numpy as np
import pytest
import torch

from overread.errors import UserError
from overread.learners.finetune import checkpoint


@pytest.fixture
def kept(tmp_path):
    """A checkpoint of every kind of tensor there is, and what is in it."""
    tensors = {
        "weight": torch.randn(4, 3, 3, 3).to(memory_format=torch.channels_last),
        "half": torch.randn(5).bfloat16(),
        "count": torch.tensor(7),
        "random": torch.get_rng_state()[:40],
        "nothing": torch.empty(0, 3),
    }
    path = tmp_path / "checkpoint.safetensors"
    checkpoint.write(path, tensors, {"epoch": 3, "score": [0.1 + 0.2, float("-inf")]})
    return path, tensors


def test_what_was_written_is_read_back_to_the_last_bit(kept):
    path, tensors = kept
    found, told = checkpoint.read(path)
    assert told == {"epoch": 3, "score": [0.1 + 0.2, float("-inf")]}
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensor) and found[name].dtype == tensor.dtype for name, tensor in tensors.items())


def test_where_there_is_none_there_is_nothing(tmp_path):
    assert checkpoint.read(tmp_path / "checkpoint.safetensors") is None


def test_a_checkpoint_cut_off_anywhere_is_recognised(kept):
    path, _ = kept
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(UserError, match=r"the checkpoint is damaged.*Delete it"):
            checkpoint.read(path)


def test_a_flipped_bit_anywhere_is_recognised(kept):
    path, _ = kept
    data = np.frombuffer(path.read_bytes(), np.uint8)
    draw = np.random.default_rng(0)
    for at in range(len(data)):
        damaged = data.copy()
        damaged[at] ^= 1 << draw.integers(8)
        path.write_bytes(damaged.tobytes())
        with pytest.raises(UserError, match="the checkpoint is damaged"):
            checkpoint.read(path)


def test_a_writing_that_breaks_off_leaves_the_checkpoint_before(kept, monkeypatch):
    path, tensors = kept
    monkeypatch.setattr(checkpoint, "save", lambda *_: "no bytes")
    with pytest.raises(TypeError):
        checkpoint.write(path, tensors, {"epoch": 4})
    assert checkpoint.read(path)[1]["epoch"] == 3
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
