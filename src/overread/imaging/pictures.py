"""The fitted pictures of a catalog's rows, as a sequence: from the cache, or made again where an entry is gone."""

import hashlib
from collections.abc import Sequence
from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.errors import UserError
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.read import Unreadable, decode, fetch


class Pictures(Sequence[NDArray[np.uint8]]):
    """Squares of (size, size, 3) uint8, in the order of the frame.

    Parameters
    ----------
    frame : pandas.DataFrame
        A scanned catalog's: `row`, `file`, `bytes_sha`, and `pixel_sha` where it is known.
    fitting : Fitting
    cache : Cache

    Attributes
    ----------
    pixels : list of str
        What tells the pictures' pixels apart: `pixel_sha`, else `bytes_sha`.
    """

    def __init__(self, frame: pd.DataFrame, fitting: Fitting, cache: Cache) -> None:
        self.rows, self.files, self.hashes = (frame[name].tolist() for name in ("row", "file", "bytes_sha"))
        known = frame["pixel_sha"].tolist() if "pixel_sha" in frame else [""] * len(frame)
        self.pixels = [pixels or content for pixels, content in zip(known, self.hashes, strict=True)]
        self.fitting = fitting
        self.cache = cache

    def take(self, places: Sequence[int] | NDArray[np.intp]) -> "Pictures":
        """Those at these places, in that order."""
        frame = pd.DataFrame({"row": self.rows, "file": self.files, "bytes_sha": self.hashes, "pixel_sha": self.pixels})
        return Pictures(frame.iloc[list(places)], self.fitting, self.cache)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> NDArray[np.uint8]: ...
    @overload
    def __getitem__(self, index: slice) -> list[NDArray[np.uint8]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[np.uint8] | list[NDArray[np.uint8]]:
        """One picture, or several.

        Raises
        ------
        UserError
            The file has gone or changed since the scan.
        """
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        known = self.cache.picture(self.hashes[index], self.fitting)
        if known is None:
            known = self.fitting.apply(self.film(index))
            self.cache.keep_picture(self.hashes[index], self.fitting, known)
        return known

    def film(self, index: int) -> NDArray[np.uint8]:
        """One picture as it was before it was fitted, (h, w) or (h, w, 3) uint8; it is decoded again.

        Raises
        ------
        UserError
            The file has gone or changed since the scan.
        """
        try:
            data = fetch(self.files[index])
            if hashlib.sha256(data).hexdigest() != self.hashes[index]:
                raise Unreadable("the file has changed")
            return decode(data, self.fitting.view)
        except Unreadable as fault:
            raise UserError(f"an image can no longer be read: {fault}", f"row {self.rows[index]}", "put the file back, or start again") from None
