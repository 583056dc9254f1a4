"""`overread predict` on the command line."""


def test_folders_are_not_put_together_by_a_run_that_counts_images(trained, refused, tmp_path):
    line = refused("predict", trained.folder, trained.films, "--out", tmp_path / "p.csv", "--by-folder")
    assert "this run counts images" in line and "--set evaluation.unit=study" in line
    assert not list(tmp_path.iterdir())
