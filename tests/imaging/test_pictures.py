import numpy as np
import pandas as pd

from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures


def frame(**columns):
    names = [f"{place:064x}" for place in range(5)]
    return pd.DataFrame({"row": list("abcde"), "file": names, "bytes_sha": names, **columns})


def test_some_pictures_are_those_at_their_places_in_that_order():
    cache = Cache()
    for place in range(5):
        cache.keep_picture(f"{place:064x}", Fitting(16), np.full((16, 16, 3), place, np.uint8))
    some = Pictures(frame(), Fitting(16), cache).take(np.array([4, 1]))

    assert some.rows == ["e", "b"]
    assert [picture[0, 0, 0] for picture in some] == [4, 1]


def test_pixels_tell_pictures_apart_and_bytes_where_they_are_not_known():
    assert Pictures(frame(pixel_sha=["p", "p", "", "q", ""]), Fitting(16), Cache()).pixels == ["p", "p", f"{2:064x}", "q", f"{4:064x}"]
    assert Pictures(frame(), Fitting(16), Cache()).take([3]).pixels == [f"{3:064x}"]
