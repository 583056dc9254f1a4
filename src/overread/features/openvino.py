"""Features by OpenVINO: several times torch's rate on a processor, because it fuses the network and runs it once a core."""

import sys
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from overread.backbones.create import Trunk

BATCH = 4
"""Pictures at a time, always as many, the last ones filled up: then a picture's features do not depend on its neighbours. More is no faster."""

QUIET = "openvino_telemetry"
"""The module by which OpenVINO would report its use; a name that stands for nothing cannot be imported."""


class Unfit(Exception):
    """A network that this program cannot run, or not as torch does; says why in words."""


def installed() -> bool:
    return find_spec("openvino") is not None


def ready(trunk: Trunk, size: int, bf16: bool, threads: int) -> Callable[[Iterable[Tensor]], Generator[NDArray[np.float32], None, None]]:
    """The network compiled for pictures of one size, their normalisation with it.

    Raises
    ------
    Unfit
        OpenVINO does not know a step of the network.
    """
    sys.modules.setdefault(QUIET, None)  # type: ignore[arg-type]
    import openvino
    from openvino import frontend

    foreign = (frontend.GeneralFailure, frontend.NotImplementedFailure, frontend.OpConversionFailure, frontend.OpValidationFailure)
    blank = torch.zeros(BATCH, size, size, 3, dtype=torch.uint8)
    told = {
        "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
        "PERFORMANCE_HINT": "THROUGHPUT",
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,  # decoding shares the cores
    }
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # tracing warns of every branch on a shape, and shapes are fixed here
            traced = torch.jit.trace(_Seen(trunk.cpu()).eval(), blank, check_trace=False)  # type: ignore[no-untyped-call]  # its features are
            graph = openvino.convert_model(traced, input=[(list(blank.shape), openvino.Type.u8)])
            compiled = openvino.Core().compile_model(graph, "CPU", told)
    except (RuntimeError, TypeError, ValueError, *foreign) as fault:
        raise Unfit(f"it cannot run the network ({(str(fault).strip().splitlines() or [type(fault).__name__])[-1][:120]})") from None
    return lambda batches: _in_turn(compiled, batches)


class _Seen(nn.Module):
    """The network from uint8 pictures on."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.trunk(self.trunk.preprocess.normalise(pictures))
        return features


def _in_turn(compiled: Any, batches: Iterable[Tensor]) -> Generator[NDArray[np.float32], None, None]:
    """Batches run side by side, one waiting for whichever is done first; what they give comes in their order."""
    requests = [compiled.create_infer_request() for _ in range(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") + 1)]
    running: deque[tuple[Any, int]] = deque()
    try:
        for number, batch in enumerate(batches):
            if len(running) == len(requests):
                yield _finished(*running.popleft())
            request = requests[number % len(requests)]
            pictures = batch.numpy()
            request.start_async({0: np.concatenate([pictures, np.repeat(pictures[-1:], BATCH - len(pictures), axis=0)])})
            running.append((request, len(pictures)))
        while running:
            yield _finished(*running.popleft())
    finally:
        for request, _ in running:
            request.wait()


def _finished(request: Any, length: int) -> NDArray[np.float32]:
    request.wait()
    features: NDArray[np.float32] = request.get_output_tensor(0).data[:length].astype(np.float32)
    return features
