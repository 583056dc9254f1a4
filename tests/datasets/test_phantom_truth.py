from dataclasses import replace
from itertools import product

import cv2
import numpy as np
import pytest

from overread.datasets.phantom.anatomy import REGIONS, VIEWS
from overread.datasets.phantom.body import body
from overread.datasets.phantom.detector import SCANNERS, expose
from overread.datasets.phantom.film import Setting, film
from overread.datasets.phantom.pose import pose, seen
from overread.datasets.phantom.render import bone
from overread.datasets.phantom.seam import KINDS, complaint, fracture, lookalikes

PLAIN = Setting("wrist", "AP", "R", SCANNERS["harbour-1"], marker=False, border=False, contrast="low")


def taken(setting, *, patient=0, study=0, number=0, kind=None, subtlety=0.3, size=128, seams=True):
    """A film; what is not asked for is drawn alike whatever else is."""
    own, region, draw = body(np.random.default_rng([2, patient])), REGIONS[setting.region], np.random.default_rng([3, patient, study])
    place, crossing = complaint(region, draw), lookalikes(own, region, draw)
    broken = fracture(place, kind, subtlety, draw) if kind else None
    return film(own, place, broken, crossing if seams else [], setting, size, np.random.default_rng([4, number]))


def change(one, other):
    return np.abs(one.pixels.astype(float) - other.pixels)


@pytest.mark.parametrize("region", list(REGIONS))
def test_every_fracture_has_a_mask_and_a_whole_bone_has_none(region):
    for view, kind, patient, subtlety in product(VIEWS, KINDS, range(4), (0, 1)):
        setting = replace(PLAIN, region=region, view=view, border=bool(patient % 2))
        broken = taken(setting, patient=patient, kind=kind, subtlety=subtlety, size=96)
        assert broken.mask.shape == broken.pixels.shape
        assert 0 < broken.mask.mean() < 0.15, (view, kind, patient)
    assert not taken(setting).mask.any()


@pytest.mark.parametrize("region", list(REGIONS))
def test_a_line_changes_the_film_where_its_mask_is_and_nowhere_else(region):
    for patient in range(4):
        setting = replace(PLAIN, region=region)
        whole, broken = (taken(setting, patient=patient, kind=kind, subtlety=0, size=224) for kind in (None, "line"))
        changed = change(whole, broken)
        near = cv2.dilate(broken.mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
        assert changed[broken.mask].mean() > 60
        assert np.percentile(changed[~near], 99) < 0.2 * changed[broken.mask].mean()


@pytest.mark.parametrize("kind", KINDS)
def test_a_subtler_fracture_shows_less_and_over_fewer_pixels(kind):
    shown = []
    for subtlety in (0, 0.5, 1):
        pairs = [[taken(PLAIN, patient=patient, kind=each, subtlety=subtlety, seams=False) for each in (None, kind)] for patient in range(12)]
        shown.append((np.mean([change(*pair).sum() for pair in pairs]), np.mean([pair[1].mask.mean() for pair in pairs])))
    (most, widest), (some, wide), (least, narrow) = shown
    assert most > 1.5 * some > 2.5 * least and widest > wide >= narrow


def test_a_step_moves_its_bone_at_the_break_and_not_at_the_joints():
    step = fracture(("humerus", 0.5), "step", 0, np.random.default_rng(0))
    whole, broken = (absorption(each) for each in (None, step))
    moved = np.abs(whole - broken).sum(axis=1)
    rows = np.flatnonzero(moved > 0)
    ends = np.flatnonzero(whole.sum(axis=1) > 0)[[0, -1]]
    assert moved.argmax() == pytest.approx(ends.mean(), abs=0.12 * np.ptp(ends))
    assert moved[rows[:8]].max() < 0.4 * moved.max() and moved[rows[-8:]].max() < 0.4 * moved.max()


def absorption(broken):
    """By the bones of one patient's whole upper arm, seen from the front."""
    onto = np.array([[0.5, 0.0, 60.0], [0.0, 0.5, -100.0]])
    own, draw = body(np.random.default_rng(1)), np.random.default_rng(0)
    lying = pose(own, REGIONS["humerus"], 0, draw)
    bones, _ = seen(own, lying, onto, (220, 120))
    return bone([shadow for shadow in bones if shadow.name == "humerus"], [], broken, lying.turned, np.zeros((16, 16), np.float32), (220, 120))[0]


def test_sound_bones_carry_lines_too():
    dark = 0
    for patient in range(12):
        with_lines, without = (taken(PLAIN, patient=patient, seams=seams) for seams in (True, False))
        dark += (change(with_lines, without) > 60).sum() > 5
    assert 4 <= dark < 12


def test_a_letter_lies_in_its_box_and_changes_nothing_else():
    angles, mirrored = [], []
    for number in range(40):
        side = "LR"[number % 2]
        bare, marked = (taken(replace(PLAIN, laterality=side, marker=marker), number=number) for marker in (False, True))
        left, top, right, bottom = marked.marker.box
        changed = change(bare, marked) > 400
        rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
        assert bare.marker is None and marked.marker.letter == side
        assert abs(np.array([columns[0] - left, rows[0] - top, columns[-1] - right, rows[-1] - bottom])).max() <= 2
        assert np.percentile(marked.pixels[top : bottom + 1, left : right + 1], 90) > 3000
        angles.append(marked.marker.angle)
        mirrored.append(marked.marker.mirrored)
    assert np.ptp(angles) > 200 and 0 < sum(mirrored) < 20


def test_letters_lie_mostly_beside_the_patient():
    covered = []
    for number in range(30):
        bare, marked = (taken(replace(PLAIN, region="forearm", marker=marker), number=number) for marker in (False, True))
        left, top, right, bottom = marked.marker.box
        covered.append(bare.pixels[top : bottom + 1, left : right + 1].mean() > np.median(bare.pixels))
    assert np.mean(covered) < 0.25


def test_a_collimated_film_is_black_in_its_corners_and_another_is_not():
    for number in range(6):
        films = [taken(replace(PLAIN, region="shoulder", border=border), number=number).pixels for border in (True, False)]
        corners = [film[[0, 0, -1, -1], [0, -1, 0, -1]] for film in films]
        assert ((corners[0] < 200) | (corners[0] > 2500)).all()
        assert (corners[1] > 200).any()


def test_processing_of_high_contrast_darkens_what_is_between_air_and_bone():
    for number in range(6):
        high, low = (taken(replace(PLAIN, contrast=contrast), number=number).pixels.astype(float) for contrast in ("high", "low"))
        assert np.median(high[high > 600]) < np.median(low[low > 600])


def test_scanners_render_the_same_arm_differently():
    absorbed = np.repeat(np.linspace(0, 2, 128, dtype=np.float32)[None], 128, axis=0)
    shades = {name: expose(absorbed, scanner, 1, np.random.default_rng(0)) for name, scanner in SCANNERS.items()}
    for one, other in product(shades, shades):
        assert one == other or np.abs(shades[one].mean(0) - shades[other].mean(0)).max() > 0.02
    rough = {name: float(np.diff(shade[:, 96:], axis=0).std()) for name, shade in shades.items()}
    assert max(rough.values()) > 1.5 * min(rough.values())


def test_two_views_show_the_same_bones_and_two_patients_do_not():
    lengths = []
    for patient in range(6):
        own, region = body(np.random.default_rng(patient)), REGIONS["hand"]
        for view in (0, 2):
            lying = pose(own, region, view, np.random.default_rng(view))
            bones, _ = seen(own, lying, np.array([[1.0, 0, 75], [0, 1.0, 150]]), (200, 150))
            lengths.append({shadow.name: np.ptp([shadow.start[1], shadow.end[1]]) for shadow in bones if shadow.name[0] in "2345"})
    metacarpals = np.array([[each[f"{digit}.0"] for digit in "2345"] for each in lengths]).reshape(6, 2, 4)
    assert np.abs(metacarpals[:, 0] - metacarpals[:, 1]).mean() < 0.35 * metacarpals[:, 0].std(axis=0).mean()


def test_left_is_the_mirror_image_of_right():
    left, right = (taken(replace(PLAIN, laterality=side), number=5, size=96, seams=False).pixels.astype(float) for side in "LR")
    assert np.corrcoef(left[:, ::-1].ravel(), right.ravel())[0, 1] > 0.95
    assert np.corrcoef(left.ravel(), right.ravel())[0, 1] < 0.9


@pytest.mark.parametrize("size", [33, 64, 1024])
def test_the_longer_edge_is_the_size_and_the_other_varies(size):
    shapes = [taken(replace(PLAIN, region=region), number=number, size=size).pixels.shape for number, region in enumerate(REGIONS)]
    assert {max(shape) for shape in shapes} == {size} and len({min(shape) for shape in shapes}) > 4


def test_films_are_twelve_bit():
    values = taken(replace(PLAIN, marker=True)).pixels
    assert values.dtype == np.uint16 and values.max() <= 4095 and len(np.unique(values)) > 500
