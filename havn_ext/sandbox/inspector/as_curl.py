"""A logged request as a curl command for a POSIX shell."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from havn_ext.sandbox.inspector import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.sandbox.request_log import Entry

__all__ = ["curl"]


def curl(entry: Entry, base_url: str) -> str:
    """The command; it takes the API key from `HAVN_API_KEY` and keeps the signature, which fits the body."""
    lines = [_start(entry, base_url), *_headers(entry)]
    if not entry.request_body.kept:
        return _joined(lines)
    text = _as_argument(entry.request_body.kept)
    if text is not None:
        return _joined([*lines, f"--data-raw {shlex.quote(text)}"])
    encoded = base64.b64encode(entry.request_body.kept).decode()
    return f"echo {encoded} | base64 --decode | {_joined([*lines, '--data-binary @-'])}"


def _start(entry: Entry, base_url: str) -> str:
    method = "--head" if entry.method == "HEAD" else f"--request {shlex.quote(entry.method)}"
    return f"curl --include {method} {shlex.quote(base_url + replay.target(entry))}"


def _headers(entry: Entry) -> Iterator[str]:
    names: set[str] = set()
    for name, value in replay.headers(entry):
        names.add(name.lower())
        if name.lower() == replay.API_KEY_HEADER:
            yield f'--header "{name}: $HAVN_API_KEY"'
        else:
            yield f"--header {shlex.quote(f'{name}: {value}' if value else f'{name};')}"
    if entry.request_body.kept and "content-type" not in names:
        yield "--header 'Content-Type:'"  # or else curl sends one of its own


def _as_argument(body: bytes) -> str | None:
    """The body as text; None when a shell's argument cannot hold it."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _joined(lines: list[str]) -> str:
    return " \\\n  ".join(lines)
