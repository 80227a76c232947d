"""Every error that the SDK raises, as one tree.

HAVNError                          .message .status_code .request_id .body
├── HAVNValidationError            before anything was sent: .errors {field: reason}; also a ValueError
├── HAVNNetworkError               no answer came: .original_error
│   └── HAVNTimeoutError           no answer came in time
└── HAVNAPIError                   HAVN answered: .status_code .error_type .response
    ├── HAVNBadRequestError        400: malformed, inactive user, unusable voucher
    ├── HAVNAuthError              401: the API key or the signature
    ├── HAVNNotFoundError          404: unknown user, referral code or voucher
    ├── HAVNConflictError          409: the payment id is taken by another payload
    ├── HAVNUnprocessableError     422: the amount breaks the voucher's terms, or fields contradict one another
    ├── HAVNRateLimitError         429: .retry_after .limit .remaining .reset_at
    ├── HAVNConversionError        the exact match failed: .expected .actual .rate
    ├── HAVNServerError            5xx: .retry_after
    └── HAVNResponseError          an answer that is not what the contract says (HTML, missing parts)

Catch `HAVNError` for all of them. Each one travels: it pickles, and holds plain data instead of a live
request. No secret, no full e-mail address and no token is in its message or its repr; `.body` and
`.response` hold what HAVN said, whole, and are shown by neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

__all__ = [
    "HAVNAPIError",
    "HAVNAuthError",
    "HAVNBadRequestError",
    "HAVNConflictError",
    "HAVNConversionError",
    "HAVNError",
    "HAVNNetworkError",
    "HAVNNotFoundError",
    "HAVNRateLimitError",
    "HAVNResponseError",
    "HAVNServerError",
    "HAVNTimeoutError",
    "HAVNUnprocessableError",
    "HAVNValidationError",
]


class HAVNError(Exception):
    """Anything that went wrong between the caller and HAVN.

    `message` is the only positional argument and everything else has a default, here and in every class
    below: that is what lets an error be pickled and copied by Python's own rules.

    Args:
        message: What happened and what to do about it.
        status_code: HTTP status of HAVN's answer, if there was one.
        request_id: HAVN's `X-Request-Id` of that answer, to quote to HAVN.
        body: Text of that answer, whole.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int | None = None,
        request_id: str | None = None,
        body: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.request_id = request_id
        self.body = body

    def __str__(self) -> str:
        evidence: list[str] = []
        if self.status_code is not None:
            evidence.append(f"HTTP {self.status_code}")
        if self.request_id is not None:
            evidence.append(f"request {self.request_id}")
        return f"{self.message} ({', '.join(evidence)})" if evidence else self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class HAVNValidationError(HAVNError, ValueError):
    """The call was wrong, and nothing was sent.

    Args:
        message: Made from `errors` when it is left out.
        errors: What is wrong with each field, all of it at once: `{"amount": "must be at least 1"}`.
    """

    def __init__(self, message: str = "", *, errors: Mapping[str, str] | None = None) -> None:
        self.errors: dict[str, str] = dict(errors or {})
        super().__init__(message or "; ".join(f"{field}: {reason}" for field, reason in self.errors.items()))


class HAVNNetworkError(HAVNError):
    """No answer came: HAVN may or may not have processed the call, which is safe to repeat.

    Args:
        message: What happened.
        original_error: The error of the HTTP library, without the request that it belonged to.
    """

    def __init__(self, message: str = "", *, original_error: Exception | None = None) -> None:
        super().__init__(message)
        self.original_error = original_error

    def __reduce__(self) -> tuple[Any, ...]:
        state = {**self.__dict__, "original_error": _portable(self.original_error)}
        return type(self), self.args, state


class HAVNTimeoutError(HAVNNetworkError):
    """No answer came in time."""


class HAVNAPIError(HAVNError):
    """HAVN answered, and the answer is not a success.

    Args:
        message: HAVN's own words, or what the SDK found wrong with the answer.
        error_type: HAVN's word for the kind of fault (`error` in the body).
        response: The body of the answer as JSON, if it is a JSON object.
        status_code: See `HAVNError`.
        request_id: See `HAVNError`.
        body: See `HAVNError`.
    """

    def __init__(
        self,
        message: str = "",
        *,
        error_type: str | None = None,
        response: Mapping[str, Any] | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
        body: str | None = None,
    ) -> None:
        super().__init__(message, status_code=status_code, request_id=request_id, body=body)
        self.error_type = error_type
        self.response: dict[str, Any] = dict(response or {})


class HAVNBadRequestError(HAVNAPIError):
    """400: the request is malformed, the user is inactive, or the voucher has expired, is used up or inactive."""


class HAVNAuthError(HAVNAPIError):
    """401: the API key or the signature is wrong."""


class HAVNNotFoundError(HAVNAPIError):
    """404: HAVN does not know the user, the referral code or the voucher."""


class HAVNConflictError(HAVNAPIError):
    """409: the payment id was already used with another payload."""


class HAVNUnprocessableError(HAVNAPIError):
    """422: the amount breaks the voucher's terms, or fields contradict one another."""


class HAVNRateLimitError(HAVNAPIError):
    """429: too many requests, and waiting as HAVN asks would take longer than the retry policy allows.

    Args:
        message: See `HAVNAPIError`.
        retry_after: Seconds to wait, from `Retry-After` or else `X-RateLimit-Reset`; None if HAVN said neither.
        limit: Requests allowed in a window (`X-RateLimit-Limit`).
        remaining: Requests left in this window (`X-RateLimit-Remaining`).
        reset_at: When the window ends, seconds since 1970-01-01 UTC (`X-RateLimit-Reset`).
        **answer: See `HAVNAPIError`.
    """

    def __init__(
        self,
        message: str = "",
        *,
        retry_after: float | None = None,
        limit: int | None = None,
        remaining: int | None = None,
        reset_at: float | None = None,
        **answer: Any,  # noqa: ANN401  passed on to HAVNAPIError, whose signature types it
    ) -> None:
        super().__init__(message, **answer)
        self.retry_after = retry_after
        """Seconds that HAVN asks to wait; None if it named no time."""
        self.limit = limit
        """Requests allowed in a window."""
        self.remaining = remaining
        """Requests left in this window."""
        self.reset_at = reset_at
        """When the window ends, seconds since 1970-01-01 UTC."""


class HAVNConversionError(HAVNAPIError):
    """HAVN recorded the transaction as `FAILED` because its own conversion gave another amount.

    Args:
        message: See `HAVNAPIError`.
        expected: US cents that the SDK sent.
        actual: US cents in HAVN's answer; None if it named none.
        rate: US dollars for one unit of the original currency, as the SDK used it.
        **answer: See `HAVNAPIError`.
    """

    def __init__(
        self,
        message: str = "",
        *,
        expected: int | None = None,
        actual: int | None = None,
        rate: Decimal | None = None,
        **answer: Any,  # noqa: ANN401  passed on to HAVNAPIError, whose signature types it
    ) -> None:
        super().__init__(message, **answer)
        self.expected = expected
        """US cents that the SDK sent."""
        self.actual = actual
        """US cents in HAVN's answer; None if it named none."""
        self.rate = rate
        """US dollars for one unit of the original currency, as the SDK used it."""


class HAVNServerError(HAVNAPIError):
    """5xx: HAVN, or something in front of it, failed. It may have processed the call, which is safe to repeat.

    Args:
        message: See `HAVNAPIError`.
        retry_after: Seconds that HAVN asks to wait (`Retry-After`), or None.
        **answer: See `HAVNAPIError`.
    """

    def __init__(
        self,
        message: str = "",
        *,
        retry_after: float | None = None,
        **answer: Any,  # noqa: ANN401  passed on to HAVNAPIError, whose signature types it
    ) -> None:
        super().__init__(message, **answer)
        self.retry_after = retry_after
        """Seconds that HAVN asks to wait; None if it named no time."""


class HAVNResponseError(HAVNAPIError):
    """The answer is not what the contract says: no JSON, parts missing, a redirect.

    With a 2xx status HAVN has processed the call, and what came back can't be read.
    """


def _portable(error: Exception | None) -> Exception | None:
    """`error` without what can't be pickled: the same class when its message makes one, else the bare text."""
    import pickle  # noqa: PLC0415  whoever pickles or copies an error has loaded it, nobody else needs it

    if error is None:
        return None
    try:
        bare = type(error)(*error.args)
        pickle.dumps(bare)
    except Exception:  # noqa: BLE001  a foreign class may want anything; its text is what must survive
        return Exception(f"{type(error).__name__}: {_text(error)}")
    return bare


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  a foreign class may fail at anything
        return "an error without a text"
