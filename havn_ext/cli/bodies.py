"""Bodies to sign and to verify: from a file or from standard input, as bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from havn_ext.errors import HAVNValidationError
from havn_ext.signing import EMPTY_BODY, canonical_json

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["body_argument", "canonical", "read"]

body_argument = click.argument("file", metavar="[FILE]", type=click.File("rb"), default="-")


def read(file: BinaryIO) -> bytes:
    """The whole of a body; at a terminal people are told that something is waited for."""
    if file.isatty():
        click.echo("Type the body, then end it with Ctrl-D:", err=True)
    return file.read()


def canonical(body: bytes) -> bytes:
    """The canonical form of a body; of an empty one that of a GET.

    Raises:
        HAVNValidationError: It is not JSON, or has no canonical form.
    """
    if not body.strip():
        return EMPTY_BODY
    try:
        return canonical_json(json.loads(body))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise HAVNValidationError(errors={"body": f"is not JSON: {error.msg} ({where})"}) from None
    except UnicodeDecodeError:
        raise HAVNValidationError(errors={"body": "is not JSON: it is not UTF-8"}) from None
    except HAVNValidationError:
        raise
    except ValueError:  # of Python, which reads no number of more than 4300 digits
        raise HAVNValidationError(errors={"body": "has no canonical JSON form: a number is too long"}) from None
    except RecursionError:
        raise HAVNValidationError(errors={"body": "has no canonical JSON form: nested too deeply"}) from None
