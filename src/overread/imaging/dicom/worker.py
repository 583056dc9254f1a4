"""GDCM in a process of its own: it ends the process it runs in when some damaged bytes are decoded. Run as a script, see `apart`."""

import json
import os
import sys


def main() -> None:
    """Answer requests on stdin until it closes: a line of JSON and a compressed frame in, its length and the pixels out (length 0: refused)."""
    out = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what C libraries print belongs neither into the answers nor before the user
        os.dup2(nowhere, stream)
    while line := sys.stdin.buffer.readline():
        told = json.loads(line)
        pixels = decode(sys.stdin.buffer.read(told["bytes"]), **told)
        out.write(len(pixels).to_bytes(8, "little") + pixels)
        out.flush()


def decode(
    frame: bytes, *, syntax: str, photometric: str, rows: int, columns: int, samples: int, planar: int, bits: tuple[int, int], signed: int, bytes: int
) -> bytes:
    """The pixels of one compressed frame, little endian; none where GDCM refuses it. `bits` are allocated and stored."""
    import gdcm  # type: ignore[import-untyped]

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.GetPIType(photometric)))
    if samples > 1:
        image.SetPlanarConfiguration(planar)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    allocated, stored = bits
    image.SetPixelFormat(gdcm.PixelFormat(samples, allocated, stored, stored - 1, signed))
    pixels: str | None = image.GetBuffer()
    return b"" if pixels is None else pixels.encode("utf-8", "surrogateescape")  # the binding hands bytes over as text


if __name__ == "__main__":
    main()
