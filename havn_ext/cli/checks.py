"""What `havn doctor` looks at, in the order in which one thing needs the other."""

from __future__ import annotations

import os
import platform
import ssl
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from havn_ext._version import __version__
from havn_ext.cli import network
from havn_ext.cli.probe import Probe
from havn_ext.cli.verdict import Check
from havn_ext.config import DEFAULT_BASE_URL, resolve
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from havn_ext.cli.connection import Connection

__all__ = ["Check", "examine"]

_CREDENTIALS: Final = {
    "api_key": ("API key", "HAVN_API_KEY"),
    "webhook_secret": ("webhook secret", "HAVN_WEBHOOK_SECRET"),
}
_DASHBOARD: Final = "from the HAVN dashboard, Settings > API Keys"
_WHERE: Final = f"copy it {_DASHBOARD}"
_USUAL: Final = range(8, 257)
"""Lengths that are not worth a word; HAVN documents none."""

_PLACEHOLDERS: Final = ("your_", "your-", "<", "...", "xxx", "changeme", "replace")


def examine(connection: Connection) -> Iterator[Check]:
    """Makes one check after the other."""
    yield _versions()
    faults = _faults(connection)
    credentials = [_credential(name, faults, connection) for name in _CREDENTIALS]
    yield from credentials
    yield from _alike(connection, faults)
    yield from _other_settings(faults)
    base_url = _base_url(connection, faults)
    yield base_url
    if base_url.state == "failed":
        return
    reached = True
    for check in network.reach(_address(connection), connection.timeout or network.PATIENCE):
        reached = reached and check.state != "failed"
        yield check
    if not reached or faults:
        reason = "HAVN can't be reached" if not reached else "the settings above come first"
        yield Check("signed call", "skipped", reason)
        return
    yield from Probe(connection).checks()


def _versions() -> Check:
    import httpx  # noqa: PLC0415  the SDK loads it with the first call, so here it is missing at the latest

    ours = f"havn-sdk {__version__}, Python {platform.python_version()}"
    return Check("versions", "ok", f"{ours}, httpx {httpx.__version__}, {ssl.OPENSSL_VERSION}")


def _faults(connection: Connection) -> Mapping[str, str]:
    """What is wrong with the settings, in the SDK's own words."""
    try:
        connection.client().close()
    except HAVNValidationError as error:
        return error.errors
    return {}


def _credential(name: str, faults: Mapping[str, str], connection: Connection) -> Check:
    title, variable = _CREDENTIALS[name]
    if name in faults:
        missing = faults[name].startswith("is missing")
        advice = f"set {variable}{'' if missing else ' again'}: {_WHERE}"
        return Check(title, "failed", "is missing" if missing else faults[name], advice)
    value = _value(name, connection)
    source = "from a file" if getattr(connection, name) else f"from {variable}"
    length = f"{len(value)} characters, {source}"
    if value[0] == value[-1] and value[0] in "\"'":
        return Check(title, "failed", f"has quotation marks around it ({length})", f"write {variable} without them")
    if value.lower().startswith(_PLACEHOLDERS):
        return Check(title, "failed", f"looks like a placeholder ({length})", _WHERE)
    if len(value) not in _USUAL:
        odd = "short" if len(value) < _USUAL.start else "long"
        return Check(title, "warning", f"unusually {odd}: {length}", "compare the length with the dashboard's")
    return Check(title, "ok", length)


def _alike(connection: Connection, faults: Mapping[str, str]) -> Iterator[Check]:
    if faults.keys() & _CREDENTIALS.keys():
        return
    if _value("api_key", connection) == _value("webhook_secret", connection):
        yield Check("key and secret", "failed", "are the same", f"they are two values: copy both {_DASHBOARD}")


def _other_settings(faults: Mapping[str, str]) -> Iterator[Check]:
    for name in faults.keys() - _CREDENTIALS.keys() - {"base_url"}:
        yield Check(name, "failed", faults[name], "mend the variable or the option, or leave it out")


def _base_url(connection: Connection, faults: Mapping[str, str]) -> Check:
    if "base_url" in faults:
        return Check(
            "base URL", "failed", faults["base_url"], f"set HAVN_BASE_URL, or leave it out for {DEFAULT_BASE_URL}"
        )
    address = _address(connection)
    parts = urlsplit(address)
    if "/webhook" in parts.path or parts.path.startswith("/api"):
        advice = f"the SDK adds the paths itself: {parts.scheme}://{parts.netloc}"
        return Check("base URL", "failed", f"{address} holds the path of the API", advice)
    if parts.scheme == "http" and not network.is_local(parts.hostname or ""):
        return Check(
            "base URL", "warning", f"{address} is not encrypted", "use https:// but for a sandbox of your own"
        )
    return Check("base URL", "ok", address)


def _address(connection: Connection) -> str:
    """The base URL as a client would have it, whatever is wrong with other settings."""
    settings = resolve(
        api_key="unused",
        webhook_secret="unused",  # noqa: S106  no secret: only the address is asked for
        base_url=connection.base_url,
        environ={"HAVN_BASE_URL": os.environ.get("HAVN_BASE_URL", "")},
    )
    return settings.base_url or DEFAULT_BASE_URL


def _value(name: str, connection: Connection) -> str:
    given: str | None = getattr(connection, name)
    return given or os.environ[_CREDENTIALS[name][1]]
