"""What copies are worth to a reader that has learnt nothing."""

from collections.abc import Callable

import numpy as np
import pytest

from overread.audit.base import Context
from overread.audit.data.memory import memory
from overread.findings import Severity

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


@pytest.fixture
def random_labels(context: Make, film: Film) -> Context:
    """60 films in pairs of slightly brightened copies, with labels by chance: only memory can tell them."""
    label = np.random.default_rng(0).permutation(["well", "sick"] * 15)
    pictures = [film(i // 2) if i % 2 == 0 else (film(i // 2) * 0.98).astype(np.uint8) for i in range(60)]
    links = [{"row": str(2 * i + 1), "other": str(2 * i)} for i in range(30)]
    split = ["train", "test"] * 20 + ["train", "train", "test", "test"] * 5
    return context(pictures, np.repeat(label, 2).tolist(), links=links, split=split)


def test_a_nearest_neighbour_knows_the_copied_images_and_guesses_the_others(random_labels: Context) -> None:
    leak, _ = memory(random_labels)

    assert (leak.severity, leak.passed) == (Severity.LEAK, False)
    assert leak.effect is not None and (leak.effect.value, leak.effect.n) == (1.0, 20)
    assert leak.effect.low is not None and leak.effect.low > 0.8
    assert "100.0% of the 20 distinct test images with a copy in train" in leak.sentence and "of the 10 others" in leak.sentence


def test_its_score_falls_once_its_own_component_is_closed_to_it(random_labels: Context) -> None:
    _, anywhere = memory(random_labels)

    assert (anywhere.severity, anywhere.passed) == (Severity.HIGH, False)
    assert anywhere.effect is not None and anywhere.effect.low is not None and 0.2 < anywhere.effect.low < anywhere.effect.value


def test_where_nothing_is_repeated_nothing_is_lost(context: Make, film: Film) -> None:
    findings = memory(context([film(i) for i in range(40)], ["well", "sick"] * 20, split=["train", "test"] * 20))

    assert [finding.passed for finding in findings] == [True]
    assert findings[0].effect is not None and findings[0].effect.value == 0


def test_one_component_only_decides_nothing(context: Make, film: Film) -> None:
    (finding,) = memory(context([film(0), film(1)], ["well", "sick"], patient=["p", "p"]))

    assert finding.passed is None
