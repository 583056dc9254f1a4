from overread.findings import Effect, Finding, Severity, read, write


def test_findings_read_back_equal(tmp_path):
    findings = [
        Finding(
            "copies",
            "data",
            Severity.LEAK,
            False,
            "Half is in train.",
            Effect("accuracy", 0.99, 0.97, 1.0, 300),
            0.01,
            ["pairs.png"],
            "Split again.",
        ),
        Finding("shift", "data", Severity.INFO, None, "Too few to tell."),
    ]
    write(findings, tmp_path / "findings.json")
    assert read(tmp_path / "findings.json") == findings


def test_a_leak_reaches_high_and_a_low_one_does_not():
    assert Severity.LEAK.reaches(Severity.HIGH)
    assert not Severity.LOW.reaches(Severity.HIGH)
