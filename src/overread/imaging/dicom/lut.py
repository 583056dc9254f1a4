"""Look-up tables of a DICOM file: modality, VOI and palette."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut

from overread.imaging.dicom.contents import reading
from overread.imaging.unreadable import Unreadable

CHANNELS = ("Red", "Green", "Blue")


@dataclass(frozen=True)
class Table:
    """A look-up table whose length was checked.

    The look-up is the house's own: pydicom's indexes with the type of the entries, so that a table of 4,096 entries of 8 bits wraps.

    Attributes
    ----------
    entries : (n,) uint16
    first : the value that the first entry belongs to; smaller ones have that entry, larger ones than the table reaches the last
    bits : bits of an entry
    """

    entries: NDArray[np.uint16]
    first: int
    bits: int

    def look_up(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """Entries of (rounded) values of any shape."""
        at = np.asarray(np.rint(values), np.int64) - self.first
        return np.asarray(self.entries[at.clip(0, len(self.entries) - 1)])


def table(item: Dataset, little: bool, what: str) -> Table:
    """The table of an item of a modality or VOI LUT sequence (PS3.3 C.11.1.1, C.11.2.1.1).

    Parameters
    ----------
    item : `LUTDescriptor` (entries, with 0 for 65,536; first value; bits an entry) and `LUTData`
    little : whether bytes stand in little-endian order
    what : its name in a reason

    Raises
    ------
    Unreadable
        It holds another number of entries than it says, or says nonsense.
    """
    return _table(item.get("LUTDescriptor"), item.get("LUTData"), little, what)


def palette(values: NDArray[np.integer], header: Dataset) -> NDArray[np.uint8]:
    """(h, w, 3) colours of palette indices (PS3.3 C.7.6.3.1.5 and 6; C.7.9 where segmented, which pydicom expands).

    Entries are 16 bits wide unless none goes beyond 255: files whose 8-bit entries were stored wider say 16 all the same.
    """
    with reading("its palette is damaged"):
        channels = _expanded(header) if "SegmentedRedPaletteColorLookupTableData" in header else _plain(header)
        deep = max(int(channel.entries.max()) for channel in channels) > 255
        return np.asarray(np.stack([channel.look_up(values) >> 8 * deep for channel in channels], axis=-1), np.uint8)


def _plain(header: Dataset) -> list[Table]:
    little = header.file_meta.TransferSyntaxUID.is_little_endian
    told = ((header.get(f"{name}PaletteColorLookupTableDescriptor"), header.get(f"{name}PaletteColorLookupTableData")) for name in CHANNELS)
    return [_table(descriptor, data, little, "palette") for descriptor, data in told]


def _expanded(header: Dataset) -> list[Table]:
    count, first, bits = (int(number) for number in header.RedPaletteColorLookupTableDescriptor)
    count = count % 2**16 or 2**16
    if bits == 8 and count > 2**8:  # pydicom would wrap the indices
        raise Unreadable(f"its palette of {count:,} segmented 8-bit entries is not read")
    colours = apply_color_lut(np.arange(first, first + count), header)
    return [Table(colours[:, channel].astype(np.uint16), first, bits) for channel in range(3)]


def _table(descriptor: Any, data: Any, little: bool, what: str) -> Table:
    with reading(f"its {what} is damaged"):
        count, first, bits = (int(number) for number in descriptor)
        count = count % 2**16 or 2**16  # 40,000 is read as negative where the pixels are signed
        if isinstance(data, bytes):
            words = np.frombuffer(data, "<u2" if little else ">u2").astype(np.uint16)
        else:
            words = np.atleast_1d(np.asarray(data, np.int64)).astype(np.uint16)
        if bits <= 8 and len(words) == (count + 1) // 2 and count > 1:  # two entries a word, the first in the lower half
            words = words.astype("<u2").view(np.uint8)[:count].astype(np.uint16)
    if not 1 <= bits <= 16:
        raise Unreadable(f"its {what} says {bits} bits an entry")
    if len(words) != count:
        raise Unreadable(f"its {what} promises {count:,} entries and holds {len(words):,}")
    return Table(words, first, bits)
