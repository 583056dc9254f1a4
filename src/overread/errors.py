"""The one error a user is meant to read: what is wrong, where, and how to mend it."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """Something the user can mend; the command line prints it as one line and exits with 2.

    Parameters
    ----------
    what : str
        What is wrong, in the user's words, with the offending value.
    where : str
        The file, column, key or option it was found in.
    mend : str
        What to do about it, as an imperative.
    """

    def __init__(self, what: str, where: str, mend: str) -> None:
        super().__init__(what, where, mend)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what} ({self.where}). {self.mend[:1].upper()}{self.mend[1:]}."


def nearest(word: str, known: Iterable[str]) -> str:
    """The sentence "did you mean ...?, or one of ..." for a word that is not among `known`."""
    names = sorted(set(known))
    close = get_close_matches(word, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}? Known: {', '.join(names)}"
    return f"use one of: {', '.join(names)}" if names else "nothing is known here"
