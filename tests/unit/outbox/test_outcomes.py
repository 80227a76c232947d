"""What becomes of a message, by everything that can come of a delivery."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from outbox_support import NoJitter

from havn_ext import errors
from havn_ext.outbox import outcomes
from havn_ext.outbox.messages import Claim, digest
from havn_ext.outbox.outcomes import Rules, released
from havn_ext.outbox.schedule import DAY, Schedule

if TYPE_CHECKING:
    from havn_ext.outbox.states import Kind

SAID = {"success": False, "message": "no"}
PAYLOAD = '{"amount":1000}'


def claim(**fields: Any) -> Claim:
    """A claim on an untouched message."""
    usual: dict[str, Any] = {
        "id": 7,
        "epoch": 3,
        "account": "default",
        "kind": "transaction",
        "key": "pay_1",
        "payload": PAYLOAD,
        "sha256": digest(PAYLOAD),
    }
    return Claim(**{**usual, **fields})


def api_error(status: int, response: Any = None, kind: type[Any] = errors.HAVNAPIError, **fields: Any) -> Any:
    """HAVN's error answer; `response` is {} where something else has answered."""
    return kind("no", status_code=status, response=SAID if response is None else response, **fields)


def network(error: Exception) -> Any:
    """No answer, for a reason of the HTTP library."""
    kind = errors.HAVNTimeoutError if isinstance(error, httpx.TimeoutException) else errors.HAVNNetworkError
    return kind("lost", original_error=error)


RULES = Rules(rng=NoJitter())

FINAL = {
    **{f"{status} of HAVN": api_error(status) for status in (400, 404, 405, 409, 410, 422)},
    "conversion": api_error(200, kind=errors.HAVNConversionError, expected=1, actual=2, rate=Decimal(1)),
}
RETRIED = {
    "408": api_error(408),
    "425": api_error(425),
    "500": api_error(500, kind=errors.HAVNServerError),
    "503": api_error(503, kind=errors.HAVNServerError),
    "404 of a proxy": api_error(404, {}),
    "400 of a proxy": api_error(400, {}),
    "redirect": api_error(302, {}, errors.HAVNResponseError),
    "no connection": network(httpx.ConnectError("refused")),
    "connection too slow": network(httpx.ConnectTimeout("slow")),
    "no request can be made": errors.HAVNValidationError(errors={"request": "can't be sent over HTTP"}),
    "client closed": errors.HAVNError("the client is closed"),
}
AMBIGUOUS = {
    "502": api_error(502, {}, errors.HAVNServerError),
    "504": api_error(504, {}, errors.HAVNServerError),
    "timeout after sending": network(httpx.ReadTimeout("slow")),
    "break after sending": network(httpx.RemoteProtocolError("cut")),
    "2xx that can't be read": api_error(200, {}, errors.HAVNResponseError),
    "a defect": KeyError("commission"),
}


def test_a_yes_is_delivered() -> None:
    """A 2xx that can be read delivers the message and keeps the answer."""
    verdict = RULES.of_result(claim(), {"success": True}, 201)
    assert (verdict.mark.state, verdict.mark.status, verdict.effect) == ("delivered", 201, "none")
    assert verdict.mark.response == '{"success": true}'
    assert (verdict.mark.id, verdict.mark.epoch) == (7, 3)


@pytest.mark.parametrize("error", FINAL.values(), ids=FINAL)
def test_a_refusal_for_good_is_the_end(error: Any) -> None:
    """What HAVN itself, or our own check, refuses for good is dead at once, with the reason."""
    verdict = RULES.of_error(claim(), error)
    assert (verdict.mark.state, verdict.mark.attempted, verdict.effect) == ("dead", True, "none")
    assert verdict.mark.error == str(error)
    assert not verdict.mark.ambiguous


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        *(pytest.param(error, False, id=name) for name, error in RETRIED.items()),
        *(pytest.param(error, True, id=name) for name, error in AMBIGUOUS.items()),
    ],
)
def test_what_may_pass_is_tried_again(error: Any, ambiguous: bool) -> None:
    """What may pass is tried again by the ladder, and is ambiguous where HAVN may have processed it."""
    mark = RULES.of_error(claim(attempts=2), error).mark
    assert (mark.state, mark.delay, mark.attempted, mark.ambiguous) == ("pending", 120.0, True, ambiguous)
    assert mark.error


def test_the_ladder_has_an_end() -> None:
    """The attempt after the last rung is the last; whether HAVN may have processed it stays known."""
    rules = Rules(schedule=Schedule(ladder=(1.0,)), rng=NoJitter())
    assert rules.of_error(claim(attempts=0), AMBIGUOUS["502"]).mark.state == "pending"
    mark = rules.of_error(claim(attempts=1), AMBIGUOUS["502"]).mark
    assert (mark.state, mark.ambiguous) == ("dead", True)
    assert str(mark.error).startswith("given up after 2 attempts: no")


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_pause(status: int) -> None:
    """Refused credentials leave the message as it was, and pause the account."""
    verdict = RULES.of_error(claim(), api_error(status))
    assert verdict.effect == "pause"
    assert (verdict.mark.state, verdict.mark.attempted, verdict.mark.status) == ("pending", False, status)


@pytest.mark.parametrize(("asked", "delay"), [(20.0, 22.0), (None, 5.5), (10 * DAY, 1.1 * DAY)])
def test_a_rate_limit_spends_no_attempt(asked: float | None, delay: float) -> None:
    """A 429 waits as long as HAVN says, up to a tenth longer and at most a day or so, and spends no attempt."""
    error = api_error(429, kind=errors.HAVNRateLimitError, retry_after=asked)
    verdict = RULES.of_error(claim(), error)
    assert verdict.effect == "hold"
    assert (verdict.mark.state, verdict.mark.attempted) == ("pending", False)
    assert verdict.mark.delay == pytest.approx(delay)


def test_havns_wish_beats_the_ladder() -> None:
    """A 503 that says when to come back is obeyed."""
    error = api_error(503, kind=errors.HAVNServerError, retry_after=100.0)
    assert RULES.of_error(claim(), error).mark.delay == pytest.approx(110.0)


KINDS: dict[str, tuple[Kind, float | None, str | None]] = {
    "never sent": ("transaction", None, None),
    "just now": ("transaction", 60.0, None),
    "at the limit": ("transaction", 30 * DAY, None),
    "too long ago": ("transaction", 30 * DAY + 1, "reconcile"),
    "a user, which is safe for ever": ("user", 300 * DAY, None),
}


@pytest.mark.parametrize(("kind", "since", "state"), KINDS.values(), ids=KINDS)
def test_old_doubts_are_left_to_a_person(kind: Kind, since: float | None, state: str | None) -> None:
    """A transaction that HAVN may have processed before its memory ends is not sent by itself."""
    mark = RULES.before_sending(claim(kind=kind, ambiguous_for=since))
    assert (mark and mark.state) == state
    assert mark is None or not mark.attempted


@pytest.mark.parametrize(
    ("claims", "attempts", "poison"), [(1, 0, False), (5, 0, False), (6, 0, True), (27, 22, False)]
)
def test_poison_is_what_never_comes_back(claims: int, attempts: int, poison: bool) -> None:
    """A message is dead once five claims were lost; claims that ended in an attempt don't count."""
    mark = RULES.before_sending(claim(claims=claims, attempts=attempts))
    assert (mark is not None) == poison
    assert mark is None or "poison" in str(mark.error)


@pytest.mark.parametrize("payload", ['{"amount":9000}', '{"name":"André"}', '{"name":"\ud800"}', ""])
def test_a_changed_payload_is_never_sent(payload: str) -> None:
    """A payload whose hash is not the stored one is dead, whatever somebody wrote into it."""
    mark = RULES.before_sending(claim(payload=payload))
    assert mark is not None
    assert (mark.state, "hash differs" in str(mark.error)) == ("dead", True)


def test_errors_are_fit_to_be_stored() -> None:
    """What is stored of an error has no NUL, no half of a surrogate pair, no address, and an end."""
    mark = RULES.of_error(claim(), ValueError("a\0b\ud800c \ud83d\ude00 ann@shop.example " + "x" * 5000)).mark
    assert mark.error is not None
    assert mark.error.startswith("ValueError: a\ufffdb\ufffdc \U0001f600 a****@")
    assert "ann@" not in mark.error
    assert len(mark.error) <= outcomes.LONGEST_ERROR


def test_a_release_changes_nothing_but_the_time() -> None:
    """A claim that is given back says nothing about the message."""
    mark = released(claim(), 9.0)
    assert (mark.state, mark.delay, mark.attempted, mark.ambiguous, mark.error) == (
        "pending",
        9.0,
        False,
        False,
        None,
    )
