"""Credentials for the commands: from the environment or from files, never from arguments, which everybody sees."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from havn_ext._redaction import mask_secrets

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MISSING", "known_secrets", "masked", "read_secret"]

MISSING: Final = {
    "api_key": "is missing: set HAVN_API_KEY, or name a file with it by --api-key-file",
    "webhook_secret": "is missing: set HAVN_WEBHOOK_SECRET, or name a file with it by --webhook-secret-file",
}
"""What to do about a credential that is not there."""

_LONGEST: Final = 4096  # bytes
_read: Final[set[str]] = set()


def read_secret(path: Path) -> str:
    """What a file holds, without the end of its last line.

    The path is never told: whoever mistakes the option for one of the credential itself has typed that.

    Raises:
        BadParameter: It can't be read, or holds no credential.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
        secret = content.decode("ascii").removesuffix("\n").removesuffix("\r")
    except FileNotFoundError:
        raise click.BadParameter("there is no such file (is it the credential itself?)") from None
    except OSError as error:
        raise click.BadParameter(f"the file can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.BadParameter("the file holds no credential: it is not ASCII text") from None
    if not secret or len(content) > _LONGEST:
        raise click.BadParameter(f"the file holds no credential: it is {'too long' if secret else 'empty'}")
    _read.add(secret)
    return secret


def masked(text: str) -> str:
    """A text of ours, with the secrets in it masked, should there be any."""
    return mask_secrets(text, known_secrets())


def known_secrets() -> set[str]:
    """Every secret that this process may have come across, to be masked in what it prints."""
    given = {os.environ.get(name, "") for name in ("HAVN_API_KEY", "HAVN_WEBHOOK_SECRET")}
    return {secret for each in given | _read for secret in (each, each.strip()) if secret}
