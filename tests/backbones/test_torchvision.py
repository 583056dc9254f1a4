import subprocess
import sys
from pathlib import Path


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PATH": "", **environment}, check=False)


def test_timm_works_once_the_bridge_is_imported():
    done = run("from overread.backbones.torchvision import timm; print(timm.create_model('test_resnet').num_features)")

    assert done.stdout.strip() == "96", done.stderr


def test_operators_are_declared_only_where_torchvision_fails_by_itself():
    whole = run("import torchvision").returncode == 0

    done = run("import overread.backbones.torchvision as bridge; print(len(bridge._declared))")

    assert done.stdout.strip() == ("0" if whole else "1"), done.stderr


def test_another_fault_of_torchvision_is_not_covered_up(tmp_path: Path):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("raise RuntimeError('operator torchvision::roi_align does not exist')")

    done = run("import overread.backbones.torchvision", PYTHONPATH=str(tmp_path))

    assert done.returncode == 1
    assert "roi_align does not exist" in done.stderr
