"""A decoder for pydicom that asks GDCM in another process, so that no damaged file can end or hang this one."""

import atexit
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any

from pydicom import uid
from pydicom.pixels.decoders.base import DecodeRunner

SYNTAXES = (*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes, uid.JPEG2000Lossless, uid.JPEG2000)

DECODER_DEPENDENCIES = dict.fromkeys(SYNTAXES, ("python-gdcm>=3.0.24",))
"""What pydicom names where a plugin cannot be used."""

PATIENCE = 60.0
"""Seconds after which a frame counts as one that would never be decoded; the largest mammograms take one or two."""

_idle: list[subprocess.Popen[bytes]] = []
"""Processes that wait for work; each frame takes one away, so threads never share one."""


def is_available(syntax: str) -> bool:
    """Part of what pydicom asks of a plugin."""
    return syntax in SYNTAXES and find_spec("gdcm") is not None


def decode_frame(frame: bytes, runner: DecodeRunner) -> bytes:
    """Decode one compressed frame; what pydicom calls.

    `runner` is told how the pixels lie afterwards, as pydicom's own plugin for GDCM does; that one also refuses 12-bit JPEG, which GDCM
    decodes (to what DCMTK and dcm4che do).

    Raises
    ------
    ValueError
        The frame is damaged: GDCM refused it, broke down over it or did not come back.
    """
    syntax, stored = runner.transfer_syntax, runner.bits_stored
    if syntax in uid.JPEGLSTransferSyntaxes:
        if stored < 8:
            raise ValueError("GDCM decodes JPEG-LS of fewer than 8 bits wrongly")
        stored = runner.get_option("jls_precision", stored)
        runner.set_option("planar_configuration", 0)
    if syntax in uid.JPEG2000TransferSyntaxes:
        stored = runner.get_option("j2k_precision", stored)
    if syntax not in uid.JPEGTransferSyntaxes:  # those two come back in the fewest bytes that hold the precision they were written with
        runner.set_option("bits_allocated", 8 if stored <= 8 else 16 if stored <= 16 else 32)
    pixels = _ask(
        frame,
        syntax=str(syntax),
        photometric=str(runner.photometric_interpretation),
        rows=runner.rows,
        columns=runner.columns,
        samples=runner.samples_per_pixel,
        planar=runner.planar_configuration if runner.samples_per_pixel > 1 else 0,
        bits=(runner.bits_allocated, stored),
        signed=runner.pixel_representation,
    )
    if syntax in uid.JPEG2000TransferSyntaxes and runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):
        runner.set_option("photometric_interpretation", "RGB")
    return pixels


def _ask(frame: bytes, **told: Any) -> bytes:
    process = _free()
    timer = Timer(PATIENCE, process.kill)
    timer.start()
    try:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({**told, "bytes": len(frame)}).encode() + b"\n" + frame)
        process.stdin.flush()
        size = int.from_bytes(process.stdout.read(8), "little")
        pixels = process.stdout.read(size)
    except OSError:  # it broke down while it was still being told
        size, pixels = 1, b""
    finally:
        timer.cancel()
    if size and size == len(pixels):
        _idle.append(process)
        return pixels
    _end(process)
    raise ValueError("GDCM cannot decode the frame")


def _free() -> subprocess.Popen[bytes]:
    """A process that waits for work, or a new one; those that were ended from outside are passed over."""
    while True:
        try:
            process = _idle.pop()
        except IndexError:  # rather than asking first: another thread may take the last one
            return _started()
        if process.poll() is None:
            return process
        _end(process)


def _started() -> subprocess.Popen[bytes]:
    """-P: the files beside the script are not modules of its own."""
    script = [sys.executable, "-P", str(Path(__file__).with_name("worker.py"))]
    return subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        try:
            assert pipe
            pipe.close()
        except OSError:  # what was not yet written cannot be
            pass
    process.wait()


def _end_all() -> None:
    while _idle:
        _end(_idle.pop())


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):  # a forked child must not talk to its parent's processes
    os.register_at_fork(after_in_child=_idle.clear)
