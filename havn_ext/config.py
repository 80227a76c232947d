"""Settings of a client: arguments first, then the environment, then HAVN's defaults; checked once, frozen.

Nothing here loads an HTTP library: a client is built, and a missing credential found, before one is needed.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from havn_ext._redaction import Secret
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Settings", "changed", "credential", "resolve"]

DEFAULT_BASE_URL: Final = "https://api.havn.com"
DEFAULT_TIMEOUT: Final = 30.0
DEFAULT_MAX_RETRIES: Final = 3
DEFAULT_BACKOFF_FACTOR: Final = 0.5
MOST_RETRIES: Final = 100
MOST_USERS_IN_ONE_CALL: Final = 50
HIGHEST_PORT: Final = 65535

_INFINITY: Final = float("inf")
_NAME: Final = r"(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?"  # RFC 1035 2.3.4; sockets refuse others with a UnicodeError
_BASE_URL: Final = rf"(?ai)(?!.*[?#])https?://({_NAME}|\[[\da-f:.]+\])(?::(\d{{1,5}}))?(/[!-~]*)?"

T = TypeVar("T")


class Settings(NamedTuple):
    """What a client was told. Secrets print masked.

    `base_url` and `timeout` are None when neither an argument nor the environment gave them: then a
    user-supplied `httpx.Client` may bring its own, and HAVN's defaults hold otherwise.
    """

    api_key: Secret
    webhook_secret: Secret
    base_url: str | None
    timeout: float | None
    max_retries: int
    backoff_factor: float
    test_mode: bool
    bulk_limit: int


def resolve(
    *,
    api_key: str | None = None,
    webhook_secret: str | None = None,
    base_url: str | None = None,
    timeout: float | None = None,
    max_retries: int | None = None,
    backoff_factor: float | None = None,
    test_mode: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Settings from arguments, then `HAVN_*` variables (HAVN integration flow), then defaults.

    Raises:
        HAVNValidationError: Names every argument or variable that is missing or wrong, all at once.
    """
    source = _Source(environ)
    settings = Settings(
        api_key=source.credential("api_key", api_key, "HAVN_API_KEY"),
        webhook_secret=source.credential("webhook_secret", webhook_secret, "HAVN_WEBHOOK_SECRET"),
        base_url=source.read("base_url", base_url, "HAVN_BASE_URL", _base_url, None),
        timeout=source.read("timeout", timeout, "HAVN_TIMEOUT", seconds, None),
        max_retries=source.read("max_retries", max_retries, "HAVN_MAX_RETRIES", _retries, DEFAULT_MAX_RETRIES),
        backoff_factor=source.read(
            "backoff_factor", backoff_factor, "HAVN_BACKOFF_FACTOR", _factor, DEFAULT_BACKOFF_FACTOR
        ),
        test_mode=source.read("test_mode", test_mode, "", _switch, default=False),
        bulk_limit=source.read("bulk_limit", None, "USER_SYNC_BULK_MAX_SIZE", _bulk_limit, MOST_USERS_IN_ONE_CALL),
    )
    source.raise_any()
    return settings


def changed(
    settings: Settings,
    *,
    timeout: float | None,
    max_retries: int | None,
    backoff_factor: float | None,
    test_mode: bool | None,
) -> Settings:
    """The settings with those options that are not None.

    Raises:
        HAVNValidationError: Names every option that is wrong.
    """
    source = _Source({})
    result = settings._replace(
        timeout=source.read("timeout", timeout, "", seconds, settings.timeout),
        max_retries=source.read("max_retries", max_retries, "", _retries, settings.max_retries),
        backoff_factor=source.read("backoff_factor", backoff_factor, "", _factor, settings.backoff_factor),
        test_mode=source.read("test_mode", test_mode, "", _switch, settings.test_mode),
    )
    source.raise_any()
    return result


def credential(name: str, argument: str | None, variable: str, environ: Mapping[str, str] = os.environ) -> Secret:
    """One credential: the argument, or else the variable. For whoever signs and calls nobody.

    Raises:
        HAVNValidationError: It is missing or wrong.
    """
    source = _Source(environ)
    secret = source.credential(name, argument, variable)
    source.raise_any()
    return secret


class _Source:
    """Reads one value after the other, and collects what is wrong with any of them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.errors: dict[str, str] = {}

    def read(self, name: str, argument: object, variable: str, check: Callable[[object], T], default: T) -> T:
        """The argument or else the variable, checked; the default when neither is there."""
        origin, value = ("", argument) if argument is not None else (f"{variable} ", self._environ.get(variable))
        if value is None or (value == "" and argument is None):
            return default
        try:
            return check(value)
        except ValueError as error:
            self.errors[name] = f"{origin}{error}"
            return default

    def raise_any(self) -> None:
        """Raises `HAVNValidationError` with everything that was found."""
        if self.errors:
            raise HAVNValidationError(errors=self.errors)

    def credential(self, name: str, argument: str | None, variable: str) -> Secret:
        """A credential, which has no default."""
        missing = Secret("")
        secret = self.read(name, argument, variable, _credential, missing)
        if secret is missing and name not in self.errors:
            self.errors[name] = f"is missing: pass {name}=... or set {variable}"
        return secret


def _credential(value: object) -> Secret:
    """A key or secret fit for an HTTP header; white space in it is the usual cause of a 401."""
    if not isinstance(value, str):
        raise ValueError(f"must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError("must not be empty")
    if any(character.isspace() for character in value):
        raise ValueError("contains white space or a newline: remove it (a copied line end is the usual cause)")
    if not (value.isascii() and value.isprintable()):
        raise ValueError("contains characters that no credential of HAVN has: only printable ASCII will do")
    return Secret(value)


def _base_url(value: object) -> str:
    found = re.fullmatch(_BASE_URL, value) if isinstance(value, str) else None
    if not isinstance(value, str) or found is None:
        raise ValueError("must be an address such as https://api.havn.com, without query or credentials")
    if found[2] is not None and not 1 <= int(found[2]) <= HIGHEST_PORT:
        raise ValueError(f"must be an address with a port from 1 to {HIGHEST_PORT}")
    return value.rstrip("/")


def seconds(value: object) -> float:
    """A positive, finite number of seconds.

    Raises:
        ValueError: It is not; the text completes a sentence that begins with the value's name.
    """
    number = _number(value)
    if not 0 < number < _INFINITY:
        raise ValueError("must be a number of seconds greater than 0")
    return number


def _factor(value: object) -> float:
    number = _number(value)
    if not 0 <= number < _INFINITY:
        raise ValueError("must be a number of seconds, 0 or more")
    return number


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"must be a number, not {type(value).__name__}")
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise ValueError("must be a number") from None


def _retries(value: object) -> int:
    return _whole_number(value, 0, MOST_RETRIES)


def _bulk_limit(value: object) -> int:
    return _whole_number(value, 1, MOST_USERS_IN_ONE_CALL)


def _whole_number(value: object, least: int, most: int) -> int:
    number = _number(value)
    if not (least <= number <= most and number.is_integer()):
        raise ValueError(f"must be a whole number from {least} to {most}")
    return int(number)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be True or False")
    return value
