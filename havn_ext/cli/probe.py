"""The signed call of `havn doctor`: accepted, or why not; and what the answer tells of clock and rate limits."""

from __future__ import annotations

import os
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import attrs

from havn_ext._guards import is_json_object, is_list
from havn_ext._own_clients import make_client
from havn_ext._redaction import redact
from havn_ext.cli.credentials import known_secrets
from havn_ext.cli.verdict import Check
from havn_ext.config import DEFAULT_TIMEOUT
from havn_ext.errors import (
    HAVNAPIError,
    HAVNAuthError,
    HAVNError,
    HAVNNetworkError,
    HAVNNotFoundError,
    HAVNRateLimitError,
    HAVNResponseError,
    HAVNServerError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from havn_ext.cli.connection import Connection
    from havn_ext.cli.verdict import State

__all__ = ["Probe"]

_MADE_UP_KEY: Final = "havn-doctor-no-such-key"
_TOLERATED: Final = 5.0
"""Seconds that clocks may differ: the header `Date` has whole ones, and the answer takes its time."""

_KEY: Final = (
    "copy HAVN_API_KEY again from the dashboard of this very HAVN: keys of a sandbox are unknown elsewhere"
)
_SECRET: Final = "copy HAVN_WEBHOOK_SECRET again from the dashboard, beside this very key"  # noqa: S105  no secret
_SCARCE: Final = 0.1
_LONGEST: Final = 20
"""Digits of a number that is looked at."""


@attrs.define
class Probe:
    """Lists one voucher in test mode, which changes nothing.

    Args:
        connection: How to reach HAVN.
    """

    connection: Connection
    _skew: float | None = None
    _headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def checks(self) -> Iterator[Check]:
        """The call, then the clock and the rate limits as far as HAVN answered."""
        began = time.monotonic()
        error = self._call(self.connection)
        took = time.monotonic() - began
        yield (
            Check("signed call", "ok", f"accepted in {took * 1000:.0f} ms (vouchers, test mode)")
            if error is None
            else self._refusal(error)
        )
        if self._skew is not None:
            yield _clock(self._skew)
        yield from _rate_limit(self._headers)

    def _call(self, connection: Connection) -> HAVNError | None:
        """What came of the call: None when it was accepted."""
        asked = attrs.evolve(connection, test_mode=True, max_retries=0)
        with make_client() as http_client:
            http_client.event_hooks = {"response": [self._look_at]}
            http_client.timeout = DEFAULT_TIMEOUT  # what the option or HAVN_TIMEOUT say comes with the call
            try:
                with asked.client(http_client=http_client) as client:
                    client.vouchers.get_all(per_page=1)
            except HAVNError as error:
                return error
        return None

    def _look_at(self, response: httpx.Response) -> None:
        self._headers = {name.lower(): value for name, value in response.headers.items()}
        try:
            moment = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
        except (ValueError, TypeError, OverflowError, OSError):
            return
        self._skew = time.time() - moment

    def _refusal(self, error: HAVNError) -> Check:
        return self._unauthorized(error) if isinstance(error, HAVNAuthError) else _failure(error)

    def _unauthorized(self, error: HAVNAuthError) -> Check:
        """A wrong key or a wrong secret, as far as HAVN's answers differ."""
        details = _details(error)
        said = f"refused: {_reason(error)}" + (f" ({details})" if details else "")
        finding = redact(said, known_secrets())
        headers, skew = self._headers, self._skew
        unknown = self._call(attrs.evolve(self.connection, api_key=_MADE_UP_KEY))
        self._headers, self._skew = headers, skew
        if isinstance(unknown, HAVNAuthError) and self._differ(error, unknown):
            # A key that nobody has is refused in other words, so HAVN knows this one.
            return Check("signed call", "failed", f"the key is known, the signature is wrong; {finding}", _SECRET)
        if "key" in _words(error)[0].replace("_", " ").split():
            return Check("signed call", "failed", f"the key is unknown; {finding}", _KEY)
        both = f"HAVN does not tell which. {_KEY[:1].upper()}{_KEY[1:]}; then {_SECRET}"
        return Check("signed call", "failed", finding, both)

    def _differ(self, error: HAVNAuthError, unknown: HAVNAuthError) -> bool:
        """Whether HAVN refused our key in another way than the made-up one, not just in the name of another key."""
        if error.error_type != unknown.error_type:
            return True
        key = self.connection.api_key or os.environ.get("HAVN_API_KEY", "")
        return _gist(error, key) != _gist(unknown, _MADE_UP_KEY)


def _failure(error: HAVNError) -> Check:
    """What is to be done about a call that failed in another way than by a 401."""
    advice = "quote the request to HAVN"
    match error:
        case HAVNNetworkError():
            advice = "try again; a proxy or a firewall may cut calls"
        case HAVNRateLimitError():
            wait = f" in {error.retry_after:.0f} s" if error.retry_after else " later"
            advice = f"too many calls of this company just now: try again{wait}"
        case HAVNServerError():
            advice = "HAVN, or something before it, is in trouble: try again later"
        case HAVNResponseError() | HAVNNotFoundError():
            advice = "is HAVN_BASE_URL the address of HAVN's API?"
        case _:
            pass
    state: State = "warning" if isinstance(error, HAVNRateLimitError) else "failed"
    finding = redact(str(error), known_secrets())
    return Check("signed call", state, finding, advice, unreachable=isinstance(error, HAVNNetworkError))


def _words(error: HAVNAPIError) -> tuple[str, str]:
    return error.error_type or "", str(error.response.get("message", ""))


def _gist(error: HAVNAPIError, key: str) -> str:
    """HAVN's words without what differs from call to call: the key, the request's id, numbers and moments."""
    text = _words(error)[1]
    for part in (key, error.request_id):
        text = text.replace(part, "#") if part else text
    return re.sub(r"\S*\d\S*", "#", text)


def _reason(error: HAVNAPIError) -> str:
    """HAVN's own words."""
    return _words(error)[1] or error.message


def _details(error: HAVNAPIError) -> str:
    """What the sandbox found out about a signature."""
    given = error.response.get("details")
    found = [each.get("message") for each in given if is_json_object(each)] if is_list(given) else []
    return "; ".join(str(each) for each in found if each and each != _words(error)[1])


def _clock(skew: float) -> Check:
    if abs(skew) <= _TOLERATED:
        return Check("clock", "ok", f"within {max(abs(skew), 1):.0f} s of HAVN's")
    direction = "ahead of" if skew > 0 else "behind"
    advice = (
        "set the clock by NTP: signatures bear no time, but vouchers, certificates and rate limits have moments"
    )
    return Check("clock", "warning", f"{abs(skew):,.0f} s {direction} HAVN's", advice)


def _rate_limit(headers: Mapping[str, str]) -> Iterator[Check]:
    limit, left, reset = (headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset"))
    if not (_is_number(limit) and _is_number(left)):
        yield Check("rate limit", "skipped", "the answer tells nothing of it")
        return
    until = _time_of_day(int(reset)) if _is_number(reset) else None
    finding = f"{left} of {limit} calls of this kind left{f', until {until}' if until else ''}"
    if int(left) < int(limit) * _SCARCE:
        yield Check("rate limit", "warning", finding, "spread calls, or let the outbox and its limiter do so")
    else:
        yield Check("rate limit", "ok", finding)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < _LONGEST


def _time_of_day(moment: int) -> str | None:
    try:
        return time.strftime("%H:%M:%S", time.localtime(moment))
    except (ValueError, OverflowError, OSError):  # no moment that there is a calendar for
        return None
