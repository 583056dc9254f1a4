"""What joins rows, and what must not."""

import itertools

import pytest

from overread.catalog import join
from overread.partition.components import components, describe


def together(catalog, a, b, links=()):
    component = components(catalog.frame, links)
    return component[a] == component[b]


@pytest.mark.parametrize("key", ["patient", "study", "group", "bytes_sha", "pixel_sha"])
def test_a_shared_key_joins_and_a_blank_one_does_not(catalog, key):
    made = catalog(["sick"] * 4, **{key: ["k", "", "k", ""]})

    assert together(made, 0, 2)
    assert not together(made, 1, 3)
    assert not together(made, 0, 1)


def test_site_and_label_never_join(catalog):
    made = catalog(["sick"] * 3, site=["a", "a", "a"])

    assert components(made.frame).nunique() == 3


def test_a_chain_of_patient_study_and_copy_joins_its_ends(catalog):
    made = catalog(
        ["sick"] * 5,
        patient=["p", "p", "", "", "q"],
        study=["", "s", "s", "", ""],
        bytes_sha=["1", "2", "3", "3", "4"],
        pixel_sha=["1", "2", "3", "3", "4"],
    )

    assert together(made, 0, 3)
    assert not together(made, 0, 4)


def test_the_same_id_in_two_sources_does_not_join_but_the_same_pixels_do(catalog):
    here = catalog(["sick", "well"], patient=["1", "2"], source="here")
    there = catalog(["sick", "well"], patient=["1", "2"], pixel_sha=["other", "p1"], bytes_sha=["x", "y"], source="there")
    both = join([one.replace(one.frame.assign(source=one.source)) for one in (here, there)])

    assert not together(both, 0, 2)
    assert together(both, 1, 3)


def test_an_explicit_link_joins_through_chains(catalog):
    made = catalog(["sick"] * 4, patient=["p", "p", "q", "q"])

    assert together(made, 0, 3, links=[("1", "2")])
    assert not together(made, 0, 3)


def test_a_link_to_a_row_that_is_gone_is_refused(catalog):
    with pytest.raises(ValueError, match="'9'"):
        components(catalog(["sick", "well"]).frame, [("0", "9")])


def test_ids_follow_the_files_and_not_the_order_of_rows_nor_the_patients_names(catalog):
    made = catalog(["sick"] * 3, patient=["doe", "roe", "doe"]).frame
    ids = components(made)
    turned = components(made[::-1].reset_index(drop=True))
    renamed = components(made.assign(patient=["x", "y", "x"], row=["7", "8", "9"]))

    assert ids.tolist() == turned.tolist()[::-1] == renamed.tolist()
    assert ids.nunique() == 2 and ids.str.fullmatch(r"c[0-9a-f]{12}").all()
    assert components(made.iloc[:0]).empty


@pytest.mark.parametrize("seed", range(5))
def test_components_are_the_classes_of_reachability(clinic, seed):
    frame = clinic(seed, patients=25).frame
    component = components(frame)
    shares = {
        (a, b)
        for key in ("patient", "study", "group", "bytes_sha", "pixel_sha")
        for _, rows in frame[frame[key] != ""].groupby(key)
        for a, b in itertools.pairwise(rows.index)
    }
    reached = {i: {i} for i in frame.index}
    for a, b in shares:
        if reached[a] is not reached[b]:
            reached[a] |= reached[b]
            for member in reached[b]:
                reached[member] = reached[a]

    assert frame.groupby(component).ngroups == len({id(members) for members in reached.values()})
    assert all(component[a] == component[b] for a, b in shares)


def test_the_words_name_what_joined_each_component(catalog):
    made = catalog(["sick"] * 6, patient=["p", "p", "", "", "q", ""], pixel_sha=["1", "2", "2", "3", "4", "5"])
    links = [("4", "5")]
    words = describe(made.frame, components(made.frame, links), links)

    assert words[0] == "component of 3 rows joined by patient and identical pixels"
    assert words[3] == "alone"
    assert words[5] == "component of 2 rows joined by near-copies"
