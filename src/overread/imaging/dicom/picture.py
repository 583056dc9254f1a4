"""The picture in a DICOM file, as a reader sees it, in 8 bits."""

import numpy as np
from numpy.typing import NDArray

from overread.imaging.dicom.contents import dataset, flat, reading, whole
from overread.imaging.dicom.grey import grey
from overread.imaging.dicom.lut import palette
from overread.imaging.dicom.pixels import PALETTE, photometric, stored
from overread.imaging.dicom.view import AS_FILED, View


def decode(data: bytes, view: View = AS_FILED) -> NDArray[np.uint8]:
    """Pixels of a DICOM file of one frame.

    Returns
    -------
    (h, w) uint8 of a grey picture, (h, w, 3) uint8 RGB of one in colour or with a palette

    Raises
    ------
    Unreadable
        No pixels, several frames, a transfer syntax or colour space that is not read, a step that the view asks for and the file does
        not have, or damage.
    """
    header = dataset(data)
    with reading("the file is damaged"):
        header = flat(header)
        values = stored(header)
        if photometric(header) == PALETTE:
            return palette(values, header)
        if values.ndim == 3:
            return np.asarray(values >> max(0, whole(header, "BitsStored") - 8), np.uint8)
        return grey(values, header, view)
