"""The options that every command has which calls HAVN, and the client that they make."""

from __future__ import annotations

import logging
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from havn_ext.cli.credentials import read_secret
from havn_ext.cli.exits import EPILOG
from havn_ext.cli.helping import Command
from havn_ext.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from havn_ext.client import HAVNClient

__all__ = ["Connection", "command", "connection_options", "json_option", "secret_file_option"]

_CREDENTIALS_NOTE = (
    "Credentials come from HAVN_API_KEY and HAVN_WEBHOOK_SECRET, or from files. There is no option that takes one"
    " itself: arguments are seen by everybody on the machine, and kept by shells."
)


@attrs.frozen(kw_only=True)
class Connection:
    """What was typed about how to reach HAVN; what is None is up to the environment."""

    base_url: str | None = None
    api_key: str | None = attrs.field(default=None, repr=False)
    webhook_secret: str | None = attrs.field(default=None, repr=False)
    timeout: float | None = None
    max_retries: int | None = None
    test_mode: bool = False

    def client(self, *, http_client: httpx.Client | None = None) -> HAVNClient:
        """The client.

        Raises:
            HAVNValidationError: Names every setting that is missing or wrong.
        """
        from havn_ext.client import HAVNClient  # noqa: PLC0415  no help or completion needs it

        return HAVNClient(**attrs.asdict(self), http_client=http_client)


def json_option(function: Callable[..., int]) -> Callable[..., int]:
    """Gives a command `--json`, and a `screen` in place of it."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else.")
    @wraps(function)
    def run(*, as_json: bool, **options: Any) -> int:  # noqa: ANN401  Click's
        return function(screen=Screen(as_json=as_json), **options)

    return run


def secret_file_option(*, multiple: bool = False) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The option for the webhook secret."""
    return click.option(
        "--webhook-secret-file",
        "webhook_secret",
        metavar="PATH",
        type=click.Path(path_type=Path),
        multiple=multiple,
        callback=_secrets if multiple else _secret,
        help="File that holds the webhook secret; else HAVN_WEBHOOK_SECRET."
        + (" Repeatable, while a secret is being changed." if multiple else ""),
    )


def connection_options(function: Callable[..., int]) -> Callable[..., int]:
    """Gives a command the options of a connection, and a `connection` in place of them."""

    @click.option("--base-url", metavar="URL", help="Where HAVN is; else HAVN_BASE_URL, or https://api.havn.com.")
    @click.option(
        "--api-key-file",
        "api_key",
        metavar="PATH",
        type=click.Path(path_type=Path),
        callback=_secret,
        help="File that holds the API key; else HAVN_API_KEY.",
    )
    @secret_file_option()
    @click.option(
        "--timeout", type=float, metavar="SECONDS", help="For each phase of each try; else HAVN_TIMEOUT, or 30."
    )
    @click.option(
        "--max-retries", type=int, metavar="N", help="Tries after the first; else HAVN_MAX_RETRIES, or 3."
    )
    @click.option("--test-mode", is_flag=True, help="Let HAVN answer as usual and store nothing.")
    @click.option("-v", "--verbose", is_flag=True, help="Tell of every call on standard error, without its body.")
    @wraps(function)
    def run(
        *,
        screen: Screen,
        base_url: str | None,
        api_key: str | None,
        webhook_secret: str | None,
        timeout: float | None,
        max_retries: int | None,
        test_mode: bool,
        verbose: bool,
        **options: Any,  # noqa: ANN401  Click's
    ) -> int:
        connection = Connection(
            base_url=base_url,
            api_key=api_key,
            webhook_secret=webhook_secret,
            timeout=timeout,
            max_retries=max_retries,
            test_mode=test_mode,
        )
        with _Told(screen, verbose=verbose):
            return function(screen=screen, connection=connection, **options)

    return run


def command(name: str, about: str, *, connected: bool = True) -> Callable[[Callable[..., int]], click.Command]:
    """Makes a command of a function: `--json`, the options of a connection, and exit codes in its help.

    Args:
        name: What is typed.
        about: What its help says; the first sentence stands in lists.
        connected: Whether it calls HAVN.
    """

    def made(function: Callable[..., int]) -> click.Command:
        text = f"{about}\n\n{_CREDENTIALS_NOTE}" if connected else about
        own: list[click.Parameter] = list(getattr(function, "__click_params__", ()))
        function = json_option(connection_options(function) if connected else function)
        finished = click.command(name, cls=Command, help=text, epilog=EPILOG)(function)
        finished.params.sort(key=lambda parameter: parameter not in own)  # what all commands have comes last
        return finished

    return made


class _Told(logging.Handler):
    """Tells what the SDK logs while a command runs: retries, and with `--verbose` every call."""

    def __init__(self, screen: Screen, *, verbose: bool) -> None:
        super().__init__(logging.INFO if verbose else logging.WARNING)
        self._screen = screen
        self._logger = logging.getLogger("havn")

    def __enter__(self) -> None:
        self._before = self._logger.level, self._logger.propagate
        self._logger.setLevel(self.level)
        self._logger.propagate = False
        self._logger.addHandler(self)

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        level, self._logger.propagate = self._before
        self._logger.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._screen.note(self.format(record), "dim")
        except Exception:  # noqa: BLE001  no call ends because nobody reads its log
            self.handleError(record)


def _secret(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> str | None:
    return None if path is None else read_secret(path)


def _secrets(_context: click.Context, _parameter: click.Parameter, paths: tuple[Path, ...]) -> list[str]:
    return [read_secret(path) for path in paths]
