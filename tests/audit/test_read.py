"""All checks are asked, each answers, and what is gravest comes first."""

from dataclasses import replace
from pathlib import Path

import pytest

from overread.audit.read import rank, read_data
from overread.errors import UserError
from overread.findings import Effect, Finding, Severity
from overread.imaging.cache import Cache
from overread.imaging.pictures import Pictures
from overread.progress import shown
from overread.registry import CHECKS


def planted(context, film):
    """Twelve films of two classes and two parts; four test films are train films over again, two of them under another label."""
    pictures = [film(i) for i in range(12)] + [film(i) for i in range(4)]
    label = ["well", "ill"] * 6 + ["well", "ill", "ill", "well"]
    return context(pictures, label, split=["train"] * 8 + ["test"] * 8)


def test_every_check_answers_and_the_gravest_comes_first(context, film):
    findings = read_data(planted(context, film))

    assert {finding.check for finding in findings} == set(CHECKS.names())
    assert (findings[0].check, findings[0].severity) == ("copies", Severity.LEAK)
    state = [{False: 0, None: 1, True: 2}[finding.passed] for finding in findings]
    assert state == sorted(state)
    raised = [list(Severity).index(finding.severity) for finding in findings if finding.passed is False]
    assert raised == sorted(raised, reverse=True)


def test_of_two_alike_the_one_further_from_chance_comes_first_and_a_number_of_cases_last() -> None:
    effects = {"few": ("components of the smallest class", 6.0), "score": ("AUROC of the border", 0.58), "share": ("share of pictures", 0.3)}
    findings = [Finding(name, "data", Severity.LOW, False, name, Effect(*effect)) for name, effect in effects.items()]

    assert [finding.check for finding in sorted(findings, key=rank)] == ["share", "score", "few"]


def test_the_same_data_and_seed_give_the_same_findings(context, film):
    audited = planted(context, film)

    assert [finding.to_dict() for finding in read_data(audited)] == [finding.to_dict() for finding in read_data(audited)]


def test_the_cheap_part_is_a_part_that_finds_the_same_and_reads_no_picture(context, film, tmp_path):
    audited = replace(planted(context, film), folder=None)
    whole = [finding.to_dict() for finding in read_data(audited)]
    for file in audited.rows["file"].unique():
        Path(file).unlink()
    blind = replace(audited, pictures=Pictures(audited.rows, audited.pictures.fitting, Cache(tmp_path / "empty")))
    with pytest.raises(UserError, match="can no longer be read"):
        blind.pictures[0]
    cheap = [finding.to_dict() for finding in read_data(blind, cheap=True)]

    assert {finding["check"] for finding in cheap} == {name for name in CHECKS.names() if CHECKS.get(name).cheap}
    assert "copies" in {finding["check"] for finding in cheap}
    assert len(cheap) < len(whole)
    assert all(finding in whole for finding in cheap)


def test_progress_names_each_check_where_a_person_watches_and_nothing_else(context, film, capsys):
    audited = planted(context, film)
    read_data(audited, cheap=True)
    silent = capsys.readouterr().err
    with shown():
        read_data(audited, cheap=True)

    assert silent == ""
    assert "copies" in capsys.readouterr().err
