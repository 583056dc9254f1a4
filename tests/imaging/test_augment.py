from dataclasses import FrozenInstanceError

import pytest

from overread.imaging.augment import PRESETS, Augmentation


def test_none_changes_nothing_and_radiograph_mirrors_nothing():
    assert PRESETS["none"] == Augmentation()
    assert (PRESETS["radiograph"].flip_horizontal, PRESETS["radiograph"].flip_vertical) == (0, 0)
    assert PRESETS["light"].flip_horizontal > 0


def test_a_preset_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        PRESETS["light"].rotate = 90
