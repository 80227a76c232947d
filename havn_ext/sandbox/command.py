"""`havn sandbox`: serve until told to stop. Light to import: the server's packages are loaded on `run`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from havn_ext.sandbox.config import (
    DEFAULT_API_KEY,
    DEFAULT_WEBHOOK_SECRET,
    HAVNS_LIMITS,
    OPERATION_IDS,
    SandboxConfig,
    Seed,
)
from havn_ext.sandbox.faults import FaultError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from havn_ext.sandbox.faults import FaultRule
    from havn_ext.sandbox.server import SandboxServer

__all__ = ["add_arguments", "main", "run"]

_EXTRA: Final = frozenset({"starlette", "uvicorn", "jsonschema_rs"})
"""What the `sandbox` extra installs."""

_LAST_PORT: Final = 65535


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m havn_ext.sandbox`; the exit code."""
    parser = argparse.ArgumentParser(prog="havn sandbox", description="A server that behaves like HAVN.")
    add_arguments(parser)
    return run(parser.parse_args(argv))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=_port, default=8787, help="port to listen on, 0 for a free one (%(default)s)")
    add("--db", type=Path, metavar="PATH", help="SQLite file that keeps the data (in memory if absent)")
    add(
        "--seed",
        choices=get_args(Seed),
        default="demo",
        help="what the company of --api-key starts with; `test_` companies are empty (%(default)s)",
    )
    add(
        "--rate-limits",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether calls beyond the limits are refused (yes)",
    )
    add(
        "--limit",
        type=_limit,
        action="append",
        default=[],
        metavar="OPERATION=CALLS",
        help=f"calls a minute of one of {', '.join(OPERATION_IDS)}; repeatable",
    )
    add("--faults", type=Path, metavar="PATH", help="JSON list of faults, as the control API takes them")
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="name by which the page and /_sandbox may be reached besides this machine's own; repeatable",
    )
    add(
        "--api-key",
        type=_credential,
        default=DEFAULT_API_KEY,
        help="the company's key (%(default)s); made up: arguments and the ready line are seen by others",
    )
    add(
        "--webhook-secret",
        type=_credential,
        default=DEFAULT_WEBHOOK_SECRET,
        help="the secret that its requests are signed with (%(default)s); made up, as the key",
    )
    add("--json", action="store_true", help="print the ready line as JSON")
    add("--open", action="store_true", help="open the page that shows requests and data in a browser")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM.

    Returns:
        0 after a clean end, 1 when the sandbox cannot start.
    """
    try:
        from havn_ext.sandbox import fault_files  # noqa: PLC0415  only here are its packages needed
        from havn_ext.sandbox.server import SandboxServer  # noqa: PLC0415  as above
        from havn_ext.sandbox.store import StoreError  # noqa: PLC0415  as above
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA:
            raise
        return _fail(f"{package} is missing; install it with: pip install 'havn-sdk[sandbox]'")
    try:
        faults = fault_files.read(options.faults) if options.faults else []
        server = SandboxServer(_config(options, faults), host=options.host, port=options.port)
        return _serve(server, options)
    except (FaultError, StoreError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot listen on {options.host} port {options.port}: {error.strerror}")


def _serve(server: SandboxServer, options: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with server:
        _write_ready_line(server, as_json=options.json)
        if options.open:
            _open_page(server.url)
        stop.wait()
    return 0


def _open_page(url: str) -> None:
    import webbrowser  # noqa: PLC0415  whoever wants no browser needs none of it

    if not webbrowser.open(url):
        sys.stderr.write(f"havn sandbox: no browser could be opened: go to {url}\n")


def _config(options: argparse.Namespace, faults: Sequence[FaultRule]) -> SandboxConfig:
    return SandboxConfig(
        api_key=options.api_key,
        webhook_secret=options.webhook_secret,
        database=options.db,
        seed=options.seed,
        rate_limits=options.rate_limits,
        requests_per_minute={**HAVNS_LIMITS, **dict(options.limit)},
        faults=faults,
        allowed_hosts=options.allow_host,
    )


def _write_ready_line(server: SandboxServer, *, as_json: bool) -> None:
    ready = {"url": server.url, "api_key": server.api_key, "webhook_secret": server.webhook_secret}
    line = (
        json.dumps(ready)
        if as_json
        else "HAVN sandbox ready: HAVN_BASE_URL={url} HAVN_API_KEY={api_key} "
        "HAVN_WEBHOOK_SECRET={webhook_secret}".format_map(ready)
    )
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _fail(message: str) -> int:
    sys.stderr.write(f"havn sandbox: {message}\n")
    return 1


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is between 0 and {_LAST_PORT}")
    return int(text)


def _limit(text: str) -> tuple[str, int]:
    operation, _, calls = text.partition("=")
    if operation not in OPERATION_IDS or not calls.isdecimal():
        raise argparse.ArgumentTypeError("must be an operation, = and a whole number")
    return operation, int(calls)


def _credential(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text
