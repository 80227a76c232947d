"""What becomes of a message: from the result or the error of one delivery to a `Mark`. Pure.

| what came                                       | what becomes of the message                              |
| ----------------------------------------------- | -------------------------------------------------------- |
| 2xx that can be read                            | delivered                                                |
| 400, 404, 409, 422, any other 4xx from HAVN     | dead, with HAVN's reason                                 |
| a conversion that was not exact, a bad payload  | dead                                                     |
| no request can be made of it (a bad setting)    | pending, up the schedule's ladder                        |
| 401, 403                                        | pending, no attempt spent; the account is paused         |
| 429                                             | pending, no attempt spent, when HAVN says                |
| 408, 425, 500, 503, no connection               | pending, up the schedule's ladder                        |
| 502, 504, timeout or break after sending,       | the same, and ambiguous: HAVN may have processed it      |
| a 2xx that can't be read, anything unforeseen   |                                                          |
| 4xx or 3xx that is not HAVN's own answer        | pending, up the ladder: a proxy or an address is at fault |
| ladder at its end                               | dead                                                     |
| ambiguous for longer than HAVN keeps keys       | reconcile, and not sent (a transaction only)             |
| claimed again and again, and never sent         | dead: it kills its workers                               |
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from havn_ext import errors
from havn_ext._redaction import redact
from havn_ext.outbox.messages import Mark, fit_to_store
from havn_ext.outbox.schedule import DAY, Schedule

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from havn_ext.outbox.messages import Claim

__all__ = ["Rules", "Verdict", "released"]

MOST_LOST_CLAIMS: Final = 5
LONGEST_ERROR: Final = 2000
_PAUSING: Final = frozenset({401, 403})
_PASSING: Final = frozenset({408, 425})
_ANSWER_LOST: Final = frozenset({502, 504})
_NEVER_SENT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})
"""Errors of the HTTP library, by name so that it need not be loaded, after which HAVN has seen nothing."""

Effect: TypeAlias = Literal["none", "hold", "pause"]


@attrs.frozen
class Verdict:
    """A mark, and what follows from it for other messages of the account.

    Attributes:
        mark: For the message.
        effect: `hold`: calls of this kind wait for `mark.delay`; `pause`: the whole account, until resumed.
    """

    mark: Mark
    effect: Effect = "none"


def released(claim: Claim, delay: float = 0.0) -> Mark:
    """The mark that gives a claim back unsent, as if it had never been made."""
    return Mark(id=claim.id, epoch=claim.epoch, state="pending", delay=delay, attempted=False)


@attrs.frozen(kw_only=True)
class Rules:
    """What decides.

    Args:
        schedule: When failed messages are tried again.
        key_retention: Seconds for which HAVN is trusted to know a payment id again. HAVN says nowhere.
        rng: The dice of the jitter.
    """

    schedule: Schedule = attrs.field(factory=Schedule)
    key_retention: float = 30 * DAY
    rng: random.Random = attrs.field(repr=False)

    def before_sending(self, claim: Claim) -> Mark | None:
        """The mark of a message that must not be sent; None when it may be."""
        if claim.claims - claim.attempts > MOST_LOST_CLAIMS:
            lost = claim.claims - claim.attempts - 1
            return self._dead(claim, f"poison: {lost} workers in a row took it and never came back", spent=False)
        if not claim.intact:
            return self._dead(
                claim, "the stored payload is not the one that was enqueued (its hash differs)", spent=False
            )
        since = claim.ambiguous_for
        if claim.kind == "transaction" and since is not None and since > self.key_retention:
            reason = (
                f"HAVN may have processed it {since / DAY:.1f} days ago, and may know the payment id no longer:"
                " look it up there, then retry or cancel"
            )
            return Mark(id=claim.id, epoch=claim.epoch, state="reconcile", attempted=False, error=reason)
        return None

    @staticmethod
    def of_result(claim: Claim, raw: Mapping[str, Any], status: int | None) -> Verdict:
        """The verdict of a call that HAVN said yes to."""
        return Verdict(
            Mark(id=claim.id, epoch=claim.epoch, state="delivered", status=status, response=json.dumps(raw))
        )

    def of_error(self, claim: Claim, error: Exception) -> Verdict:
        """The verdict of a call that failed."""
        status = error.status_code if isinstance(error, errors.HAVNError) else None
        if status in _PAUSING:
            return Verdict(attrs.evolve(released(claim), status=status, error=_text(error)), "pause")
        if isinstance(error, errors.HAVNRateLimitError):
            delay = self.schedule.after_rate_limit(error.retry_after, self.rng)
            return Verdict(attrs.evolve(released(claim, delay), status=429, error=_text(error)), "hold")
        if _is_final(error):
            return Verdict(self._dead(claim, _text(error), status))
        return Verdict(self._retry(claim, error, status))

    def _retry(self, claim: Claim, error: Exception, status: int | None) -> Mark:
        asked = error.retry_after if isinstance(error, errors.HAVNServerError) else None
        attempts = claim.attempts + 1
        ambiguous = _may_have_been_processed(error)
        delay = self.schedule.after_failure(attempts, asked, self.rng)
        if delay is None:
            mark = self._dead(claim, f"given up after {attempts} attempts: {_text(error)}", status)
            return attrs.evolve(mark, ambiguous=ambiguous)
        return Mark(
            id=claim.id,
            epoch=claim.epoch,
            state="pending",
            delay=delay,
            ambiguous=ambiguous,
            status=status,
            error=_text(error),
        )

    @staticmethod
    def _dead(claim: Claim, reason: str, status: int | None = None, *, spent: bool = True) -> Mark:
        return Mark(
            id=claim.id,
            epoch=claim.epoch,
            state="dead",
            attempted=spent,
            status=status,
            error=reason[:LONGEST_ERROR],
        )


def _is_final(error: Exception) -> bool:
    """Whether HAVN itself, or our own check of its answer, has refused the message for good.

    What can't be sent at all is none of that: the message was checked when it was enqueued, so that a setting of
    ours is at fault (an address, a header), and all that wait would die of it.
    """
    if isinstance(error, errors.HAVNConversionError):
        return True
    if not isinstance(error, errors.HAVNAPIError) or error.status_code is None:
        return False
    from_havn = bool(error.response)  # a page of HTML is something else's between here and HAVN
    return from_havn and 400 <= error.status_code < 500 and error.status_code not in _PASSING


def _may_have_been_processed(error: Exception) -> bool:
    if isinstance(error, errors.HAVNNetworkError):
        return type(error.original_error).__name__ not in _NEVER_SENT
    if isinstance(error, errors.HAVNAPIError):
        status = error.status_code or 0
        return status in _ANSWER_LOST or 200 <= status < 300
    return not isinstance(error, errors.HAVNError)


def _text(error: Exception) -> str:
    said = str(error) if isinstance(error, errors.HAVNError) else f"{type(error).__name__}: {error}"
    return fit_to_store(redact(said))[:LONGEST_ERROR]
