"""What a catalog's `file` names: a file, a container's member after ``#``, a frame after ``#frame=``."""

import re
from typing import NamedTuple

FRAME = re.compile(r"(.+)#frame=(\d{1,9})", re.DOTALL)

MEMBER = re.compile(r"(.+?\.(?:npz|zip))#(.+)", re.DOTALL | re.IGNORECASE)


class Place(NamedTuple):
    """A file's parts; `member` is blank and `frame` 0 where none is named (the first frame is 1, as DICOM counts)."""

    path: str
    member: str = ""
    frame: int = 0


def place(file: str) -> Place:
    """The parts of ``film.png``, ``set.npz#train_images/12``, ``study.zip#a/b.dcm`` or ``study.zip#a/b.dcm#frame=3``."""
    framed = FRAME.fullmatch(file)
    whole, frame = (framed[1], int(framed[2])) if framed else (file, 0)
    held = MEMBER.fullmatch(whole)
    return Place(held[1], held[2], frame) if held else Place(whole, "", frame)
