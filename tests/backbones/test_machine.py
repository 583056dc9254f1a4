import cv2
import pytest
import torch

from overread.backbones.machine import Machine, computing
from overread.recipe import Runtime


def test_threads_are_as_told_inside_and_as_they_were_after():
    before = torch.get_num_threads(), cv2.getNumThreads()

    with computing(Runtime(threads=3)):
        assert torch.get_num_threads() == 3
    assert (torch.get_num_threads(), cv2.getNumThreads()) == before


def test_threads_come_back_when_the_work_fails():
    before = torch.get_num_threads()

    with pytest.raises(ZeroDivisionError), computing(Runtime(threads=3)):
        raise ZeroDivisionError
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("fp32", torch.float32)])
def test_precision_is_as_told(precision, dtype):
    machine = Machine.of(Runtime(precision=precision))
    layer = torch.nn.Linear(4, 4).to(machine.device)

    with machine.autocast():
        assert layer(torch.ones(1, 4, device=machine.device)).dtype == dtype


def test_auto_is_the_same_choice_every_time():
    assert len({Machine.of(Runtime()) for _ in range(5)}) == 1
