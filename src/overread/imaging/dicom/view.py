"""How stored values become grey levels: which steps of DICOM's chain are taken, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """Steps between a DICOM file's stored values and the grey levels a reader sees (PS3.4 N.2); the defaults do what the file says.

    Each of `modality`, `voi` and `invert` is None (taken where the file has it), True (the file must have it, or is unreadable) or False
    (never taken). Only grey pictures have these steps; colour and palettes are taken as they are.

    Attributes
    ----------
    modality : bool or None
        Modality LUT, or rescale slope and intercept (PS3.3 C.11.1).
    voi : bool or None
        VOI LUT or window (PS3.3 C.11.2). Where none is applied, up to 8 stored bits keep their levels, and deeper or rescaled values go
        from the 0.5th percentile (black) to the 99.5th (white), padding left out.
    window : int
        Which VOI LUT, or which window where there is no LUT; 1 is the first, as DICOM counts.
    invert : bool or None
        The one inversion of MONOCHROME1 or of presentation LUT shape INVERSE.
    """

    modality: bool | None = None
    voi: bool | None = None
    window: int = 1
    invert: bool | None = None

    @property
    def key(self) -> str:
        """Its name in the cache; blank for the default."""
        letters = {None: "", True: "+", False: "-"}
        steps = "".join(f"{letters[step]}{name}" for name, step in (("m", self.modality), ("v", self.voi), ("i", self.invert)) if step is not None)
        return steps + (f"w{self.window}" if self.window != 1 else "")


AS_FILED = View()
"""Every step as the file says."""
