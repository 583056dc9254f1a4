"""What the tests of the command line share: a source, a run that takes a second, a call that must be refused, a process of its own."""

import subprocess
import sys

import pytest

from overread.cli.app import answer


@pytest.fixture
def tiny():
    """Options under which a training takes about a second."""
    return [
        *("--set", "image.size=64", "--set", "backbone.name=test_resnet", "--set", "backbone.pretrained=false", "--set", "learner.augment=none"),
        *("--set", "learner.phases=[{trains: head, epochs: 1, rate: 1e-3}]", "--set", "evaluation.draws=200", "--set", "runtime.threads=1"),
    ]


@pytest.fixture
def source(films, tmp_path):
    """Write forty films and a table of them with some columns changed; returns the source."""
    table = films(n=40)

    def make(options="", **columns):
        table.assign(**columns).to_csv(tmp_path / "films" / "films.csv", index=False)
        return f"table:{tmp_path / 'films' / 'films.csv'}{options}"

    return make


@pytest.fixture
def refused(capsys):
    """Run a command line that must be refused in one line without a traceback; returns the line."""

    def call(*arguments):
        capsys.readouterr()
        code, shown = answer([str(argument) for argument in arguments]), capsys.readouterr()
        said = [line for line in shown.err.splitlines() if line.startswith("overread: ")]
        assert (code, len(said), shown.out) == (2, 1, ""), shown.err
        assert "Traceback" not in shown.err
        return said[0]

    return call


@pytest.fixture
def started():
    """Start a command line in a process of its own."""

    def start(*arguments, code="from overread.cli import main; main()"):
        program = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start
