"""The same pixels count once, and not at all with two labels."""

from overread.catalog import Catalog, Target
from overread.findings import Severity
from overread.partition.copies import mark_copies


def test_copies_name_the_first_labelled_row_and_only_copies_do(catalog):
    marked, findings = mark_copies(catalog([None, "sick", "sick", "well"], pixel_sha=["a", "a", "a", "b"]))

    assert marked.frame["copy_of"].tolist() == ["1", "", "1", ""]
    assert marked.frame["why"][2] == "copy of row 1, counted once"
    assert findings[0].passed is False and findings[0].effect.value == 0.5
    assert findings[0].sentence.startswith("2 of 4 rows")
    assert findings[1].passed is True


def test_which_of_two_half_labelled_rows_counts_does_not_depend_on_their_order(catalog):
    made = catalog(["sick", None, "well"], grade=[None, "high", "low"], pixel_sha=["a", "a", "b"])
    targets = {**made.targets, "grade": Target("binary", ("low", "high"), "high")}
    made = Catalog(made.frame, targets, source=made.source)
    back = made.replace(made.frame.iloc[::-1])

    there, again = (mark_copies(one)[0].frame.set_index("row")["copy_of"] for one in (made, back))
    assert there.to_dict() == again.to_dict()
    assert (there != "").sum() == 1


def test_no_copies_are_a_clear_finding(catalog):
    marked, findings = mark_copies(catalog(["sick", "well"]))

    assert (marked.frame["copy_of"] == "").all()
    assert [finding.passed for finding in findings] == [True, True]


def test_pixels_with_two_labels_are_put_aside_whole(catalog):
    marked, findings = mark_copies(catalog(["sick", "well", "sick", "well"], pixel_sha=["a", "a", "a", "b"]))

    assert (marked.frame["copy_of"] == "").all()
    assert marked.frame["why"][0] == "conflicting labels: same pixels as row 2, labelled sick and well"
    assert marked.frame["why"][1] == "conflicting labels: same pixels as row 0, labelled sick and well"
    assert marked.frame["why"][3] == ""
    assert findings[1].severity is Severity.HIGH and "1 image carries two labels in 3 rows" in findings[1].sentence


def test_a_missing_label_conflicts_with_none(catalog):
    marked, _ = mark_copies(catalog(["sick", None], pixel_sha=["a", "a"]))

    assert marked.frame["copy_of"].tolist() == ["", "0"]


def test_a_copy_across_a_published_split_counts_on_both_sides(catalog):
    made = catalog(["sick"] * 4, pixel_sha=["a"] * 4, split=["train", "train", "test", "test"])
    marked, _ = mark_copies(made, made.frame["split"])

    assert marked.frame["copy_of"].tolist() == ["", "0", "", "2"]


def test_bytes_stand_in_for_pixels_that_were_not_read_and_nothing_stands_in_for_both(catalog):
    by_bytes, _ = mark_copies(catalog(["sick", "sick"], pixel_sha=["", ""], bytes_sha=["a", "a"]))
    unread, findings = mark_copies(catalog(["sick", "sick"], pixel_sha=["", ""], bytes_sha=["", ""]))

    assert by_bytes.frame["copy_of"].tolist() == ["", "0"]
    assert (unread.frame["copy_of"] == "").all()
    assert [finding.passed for finding in findings] == [None, None]
