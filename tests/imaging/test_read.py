import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from overread.imaging import raster
from overread.imaging.read import Unreadable, pixel_hash, read


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp", "a.gif"])
def test_grey_comes_back_exactly_from_every_lossless_format(store, grey, name):
    assert np.array_equal(read(store(grey, name)).reshape(48, 64, -1)[..., 0], grey)


@pytest.mark.parametrize(("name", "options"), [("a.png", {}), ("a.tif", {}), ("a.bmp", {}), ("a.webp", {"lossless": True})])
def test_colour_comes_back_exactly_from_every_lossless_format(store, colour, name, options):
    assert np.array_equal(read(store(colour, name, **options)), colour)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_lossy_formats_come_back_nearly(store, grey, name):
    assert np.abs(read(store(grey, name, quality=95)).reshape(48, 64, -1)[..., 0].astype(int) - grey).mean() < 3


def test_a_bilevel_picture_is_black_and_white(store, grey):
    assert set(np.unique(read(store(Image.fromarray(grey > 100), "a.png")))) == {0, 255}


def test_a_palette_gives_its_colours(store, colour):
    quantised = Image.fromarray(colour).quantize(64)
    assert np.array_equal(read(store(quantised, "a.png")), np.asarray(quantised.convert("RGB")))


def test_transparent_parts_are_black_in_grey_and_in_colour(store, grey, colour):
    alpha = np.full_like(grey, 255)
    alpha[:, :32] = 0
    for stack, name in ((np.dstack([colour, alpha]), "c.png"), (np.dstack([grey, alpha]), "g.png")):
        picture = read(store(stack, name))
        assert (picture[:, :32] == 0).all()
        assert np.array_equal(picture[:, 32:], stack[:, 32:, :-1].squeeze())


def test_a_transparent_palette_colour_is_black(store):
    picture = Image.fromarray(np.repeat([[0, 1]], 4, axis=0).astype(np.uint8), "P")
    picture.putpalette([200, 10, 10, 10, 200, 10])
    assert read(store(picture, "a.gif", transparency=0))[0].tolist() == [[0, 0, 0], [10, 200, 10]]


def test_cmyk_becomes_rgb(store, colour):
    picture = read(store(Image.fromarray(colour).convert("CMYK"), "a.tif"))
    assert np.abs(picture.astype(int) - colour).max() <= 2


@pytest.mark.parametrize("kind", ["<u2", ">u2", "<i4", "<f4"])
def test_deep_grey_is_windowed_alike_in_every_number_type(store, grey, kind):
    deep = (grey.astype(float) * 40 + 300).astype(kind)
    picture = Image.frombytes("I;16B", (64, 48), deep.tobytes()) if kind == ">u2" else Image.fromarray(deep)
    shown = read(store(picture, "a.tif"))
    assert shown.dtype == np.uint8
    assert np.corrcoef(shown.ravel(), grey.ravel())[0, 1] > 0.999
    assert (shown.min(), shown.max()) == (0, 255)


def test_exif_orientation_is_applied(store, grey):
    exif = Image.Exif()
    exif[raster.ORIENTATION] = 6
    for name in ("a.png", "a.tif"):
        assert np.array_equal(read(store(grey, name, exif=exif)), np.rot90(grey, -1))


def test_nonsense_for_exif_does_not_cost_the_picture(store, grey):
    assert np.array_equal(read(store(grey, "a.png", exif=b"Exif\0\0nonsense")), grey)


def test_a_gif_named_jpg_reads(store, grey, tmp_path):
    store(grey, "a.gif")
    (tmp_path / "a.gif").rename(tmp_path / "film.jpg")
    assert read(str(tmp_path / "film.jpg")).shape[:2] == (48, 64)


def test_names_may_hold_spaces_hashes_and_any_letters(store, grey):
    assert np.array_equal(read(store(grey, "Röntgen bild #3 骨.png")), grey)


def test_only_the_first_frame_of_an_animation_is_read(store, grey):
    frames = [Image.fromarray(grey), Image.fromarray(255 - grey)]
    path = store(frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert np.array_equal(read(path).reshape(48, 64, -1)[..., 0], grey)


def test_equal_channels_have_the_hash_of_grey_and_a_changed_pixel_has_another(grey):
    rgb = np.repeat(grey[..., None], 3, axis=2)
    other = rgb.copy()
    other[0, 0, 2] ^= 1
    assert pixel_hash(rgb) == pixel_hash(grey)
    assert pixel_hash(other) != pixel_hash(grey)
    assert pixel_hash(grey.reshape(64, 48)) != pixel_hash(grey)


@pytest.mark.parametrize(("content", "reason"), [(b"", "empty"), (b"a table of contents", "not a picture"), (b"\x89PNG\r\n\x1a\n", "not a picture")])
def test_what_is_no_picture_is_unreadable(tmp_path, content, reason):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        read(str(tmp_path / "a.png"))


@pytest.mark.parametrize(("name", "reason"), [("gone.png", "missing"), ("folder.png", "folder"), ("nul\0.png", "cannot be opened"), ("", "folder")])
def test_what_cannot_be_opened_is_unreadable_and_not_named(tmp_path, name, reason):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(Unreadable, match=reason) as fault:
        read(str(tmp_path / name))
    assert "gone" not in str(fault.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_what_is_no_ordinary_file_is_not_waited_for_or_read_without_end(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for name in (str(tmp_path / "pipe.png"), "/dev/zero"):
        with pytest.raises(Unreadable, match="a pipe or a device"):
            read(name)
    with pytest.raises(Unreadable, match="cannot be opened"):
        read(str(tmp_path / ("x" * 5000)))
    (tmp_path / "vast.png").touch()
    os.truncate(tmp_path / "vast.png", 2**30 + 1)
    with pytest.raises(Unreadable, match="larger than 1 GiB"):
        read(str(tmp_path / "vast.png"))


def test_a_cut_off_jpeg_is_unreadable_and_the_whole_one_is_not(store, grey, tmp_path):
    whole = store(grey, "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(data[: int(len(data) * 0.7)])
    assert read(whole).shape == (48, 64)
    with pytest.raises(Unreadable, match="cut off"):
        read(str(tmp_path / "b.jpg"))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_header_that_promises_too_much_is_refused_before_decoding(tmp_path):
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    for edge in (9_500, 30_000):
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", edge, edge, 8, 0, 0, 0, 0)) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
        (tmp_path / "bomb.png").write_bytes(bomb)
        with pytest.raises(Unreadable, match="89 megapixels"):
            read(str(tmp_path / "bomb.png"))


@pytest.mark.parametrize("kind", raster.FORMATS)
@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_give_a_picture_or_a_reason_never_another_error(colour, kind):
    buffer = io.BytesIO()
    Image.fromarray(colour).save(buffer, kind)
    draw = np.random.default_rng(0)
    for _ in range(150):
        data = np.frombuffer(buffer.getvalue(), np.uint8).copy()
        data[draw.integers(0, min(len(data), 300), 4)] = draw.integers(0, 256, 4)
        try:
            assert raster.decode(data[: draw.integers(len(data) // 2, len(data) * 2)].tobytes()).dtype == np.uint8
        except Unreadable as fault:
            assert 0 < len(str(fault)) < 80
