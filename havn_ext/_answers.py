"""Whether an answer is a success, and which error it is otherwise: the one place that knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from havn_ext import errors
from havn_ext._guards import is_json_object
from havn_ext._redaction import redact
from havn_ext.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext._steps import Answer

__all__ = ["error_for", "evidence", "is_success", "json_object", "request_id", "unreadable"]

_ERROR_CLASSES: Final[Mapping[int, type[errors.HAVNAPIError]]] = {
    400: errors.HAVNBadRequestError,
    401: errors.HAVNAuthError,
    404: errors.HAVNNotFoundError,
    409: errors.HAVNConflictError,
    422: errors.HAVNUnprocessableError,
}

_USUAL_BEGINNING: Final = b'{"'
"""Of a JSON object in UTF-8, as HAVN writes it."""

_decode: Final = json.JSONDecoder().decode

_ADVICE: Final[Mapping[int, str]] = {
    401: "check HAVN_API_KEY and HAVN_WEBHOOK_SECRET, and that neither carries white space",
    409: "a payment id belongs to one payload; send a changed sale under a new id",
}


def request_id(answer: Answer) -> str | None:
    """HAVN's name for this exchange."""
    return answer.headers.get("x-request-id")


def json_object(answer: Answer) -> dict[str, Any] | None:
    """The body as a JSON object; None when it is something else."""
    content = answer.content
    try:
        # the usual one needs no search for its encoding, nor for white space before it
        body = (
            _decode(content.decode("utf-8", "surrogatepass"))
            if content[:2] == _USUAL_BEGINNING
            else json.loads(content)
        )
    except (ValueError, RecursionError):
        return None
    return body if is_json_object(body) else None


def is_success(answer: Answer) -> bool:
    """Whether HAVN did what it was asked to."""
    return 200 <= answer.status < 300


def error_for(answer: Answer, secrets: tuple[str, ...], now: float) -> errors.HAVNAPIError:
    """The error that an answer stands for which is no success.

    Args:
        answer: HAVN's, or that of something in front of it.
        secrets: Masked in the message, should the answer echo them.
        now: Seconds since 1970-01-01 UTC, to tell how long a rate limit lasts.
    """
    status = answer.status
    message = redact(_message(status, json_object(answer)), secrets)
    kept = evidence(answer, secrets)
    if status == 429:
        return _rate_limit_error(message, answer, now, kept)
    if status >= 500:
        wait = retry_after(answer.headers, now, rate_limited=False)
        return errors.HAVNServerError(message, retry_after=wait, **kept)
    if status < 400:
        return errors.HAVNResponseError(message, **kept)
    return _ERROR_CLASSES.get(status, errors.HAVNAPIError)(message, **kept)


def unreadable(answer: Answer, problem: str, secrets: tuple[str, ...]) -> errors.HAVNResponseError:
    """The error for a success whose body is not what the contract says."""
    return errors.HAVNResponseError(f"HAVN processed the call, but {problem}", **evidence(answer, secrets))


def evidence(answer: Answer, secrets: tuple[str, ...]) -> dict[str, Any]:
    """What an error keeps of an answer, as arguments of `HAVNAPIError`; its text tells the `request_id`."""
    body = json_object(answer)
    name = request_id(answer)
    kind = (body or {}).get("error")
    return {
        "status_code": answer.status,
        "request_id": None if name is None else redact(name, secrets),
        "body": answer.content.decode("utf-8", "replace"),
        "response": body,
        "error_type": kind if isinstance(kind, str) else None,
    }


def _message(status: int, body: Mapping[str, Any] | None) -> str:
    """HAVN's own words, or ours where it has none, and what to do."""
    said = (body or {}).get("message") or (body or {}).get("error")
    if not isinstance(said, str):
        said = _without_words(status, is_json=body is not None)
    advice = _ADVICE.get(status)
    return f"{said}; {advice}" if advice else said


def _without_words(status: int, *, is_json: bool) -> str:
    if 300 <= status < 400:
        return "HAVN redirected the call, which the SDK does not follow: check base_url"
    if is_json:
        return "HAVN refused the call and gave no reason"
    return "the answer is not JSON: something between here and HAVN answered (a proxy, or a wrong base_url)"


def _rate_limit_error(
    message: str, answer: Answer, now: float, kept: Mapping[str, Any]
) -> errors.HAVNRateLimitError:
    def header(name: str) -> int | None:
        value = answer.headers.get(name, "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None

    return errors.HAVNRateLimitError(
        message,
        retry_after=retry_after(answer.headers, now, rate_limited=True),
        limit=header("x-ratelimit-limit"),
        remaining=header("x-ratelimit-remaining"),
        reset_at=header("x-ratelimit-reset"),
        **kept,
    )
