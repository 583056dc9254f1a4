"""Ids as keyed hashes: the same everywhere on one machine, and of no use to whoever has the table but not the key."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import pandas as pd
from platformdirs import user_config_path

from overread.errors import UserError

DIGITS = 16
"""Hexadecimal, so 64 bits: two of a million ids meet by chance once in 40 million tables."""


def hashed(ids: pd.DataFrame, salt: bytes) -> pd.DataFrame:
    """HMAC-SHA256 of every id under a key (RFC 2104), shortened; a blank stays blank.

    A plain hash would not do: ids are few and short enough to hash them all and look.
    """
    return ids.map(lambda name: hmac.new(salt, name.encode(), hashlib.sha256).hexdigest()[:DIGITS] if name else "")


def salt() -> bytes:
    """The key: `OVERREAD_SALT`, else one made at random once and kept in the user's configuration folder for them alone.

    Raises
    ------
    UserError
        It cannot be kept, or what is kept is no key.
    """
    named = os.environ.get("OVERREAD_SALT")
    if named:
        return named.encode()
    path = user_config_path("overread", appauthor=False) / "salt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = _kept(path)
    except OSError as fault:
        raise UserError(
            f"the key that ids are hashed with cannot be kept: {fault.strerror or fault}",
            str(path),
            "set OVERREAD_SALT to words of your own, or, of a source, ?ids=plain",
        ) from None
    if len(kept) < DIGITS:
        raise UserError("the key that ids are hashed with is damaged", str(path), "delete the file; ids are then hashed anew")
    return kept


def _kept(path: Path) -> bytes:
    """The key in the file, made first if there is none; of two who make it at once, both read the one that was first."""
    if not path.exists():
        part = path.with_name(f".{secrets.token_hex(8)}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            path.hardlink_to(part)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path.read_bytes().strip()
