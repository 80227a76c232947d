"""When a call is tried again, how long the client waits first, and which error stands in the end."""

from __future__ import annotations

import os
import random
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import NOON, FakeClock, FakeHAVN, Reply, make_client, outcome

from havn_ext import (
    HAVNClient,
    HAVNError,
    HAVNNetworkError,
    HAVNRateLimitError,
    HAVNServerError,
    HAVNTimeoutError,
    RetryPolicy,
    errors,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes import AnyClient, Kind, Script

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
USER = {"email": "ada@example.com", "name": "Ada"}
BUSY = Reply(503, {"message": "Busy"})
FINE = Reply(body={"data": {"redirect_url": "https://app.example.com/"}})


def tried(
    kind: Kind, *script: Script, clock: FakeClock | None = None, rng: random.Random | None = None, **options: Any
) -> tuple[Any, list[float], int]:
    """What a sale comes to, the waits before that, and the number of tries. An error is an outcome here."""
    havn, clock = FakeHAVN(*script), clock or FakeClock()
    client = make_client(kind, havn, clock=clock, rng=rng, **options)
    try:
        result = outcome(client.transactions.send(**SALE))
    except HAVNError as error:
        result = error
    return result, clock.waits, len(havn.requests)


# ── which errors, and how often ──────────────────────────────────────────────────────────────────

WORTH_IT: dict[str, tuple[Script, type[HAVNError]]] = {
    "429": (Reply(429), errors.HAVNRateLimitError),
    "500": (Reply(500), errors.HAVNServerError),
    "502 in HTML": (Reply(502, b"<html>"), errors.HAVNServerError),
    "503": (BUSY, errors.HAVNServerError),
    "599": (Reply(599), errors.HAVNServerError),
    "refused": (httpx.ConnectError("refused"), errors.HAVNNetworkError),
    "broken": (httpx.RemoteProtocolError("broken"), errors.HAVNNetworkError),
    "lost while reading": (httpx.ReadError("lost"), errors.HAVNNetworkError),
    "slow": (httpx.ReadTimeout("slow"), errors.HAVNTimeoutError),
    "slow to connect": (httpx.ConnectTimeout("slow"), errors.HAVNTimeoutError),
    "busy pool": (httpx.PoolTimeout("busy"), errors.HAVNTimeoutError),
}
FINAL: dict[str, Reply] = {str(status): Reply(status) for status in (301, 400, 401, 403, 404, 408, 409, 418, 422)}
FINAL["unreadable success"] = Reply(200, b"<html>")


@pytest.mark.parametrize(("script", "error_class"), WORTH_IT.values(), ids=WORTH_IT)
def test_a_failure_that_may_pass_is_tried_again(kind: Kind, script: Script, error_class: type[HAVNError]) -> None:
    """A lost answer, a 429 and a 5xx are tried three times more, ever more slowly; the error keeps its class."""
    error, waits, tries = tried(kind, script)
    assert type(error) is error_class
    assert waits == [0.5, 1.0, 2.0]
    assert tries == 4


@pytest.mark.parametrize(("script", "error_class"), WORTH_IT.values(), ids=WORTH_IT)
def test_a_success_ends_the_tries(kind: Kind, script: Script, error_class: type[HAVNError]) -> None:
    """The first success is the result, whatever came before it."""
    del error_class
    result, waits, tries = tried(kind, script, script, Reply(body={"message": "done"}))
    assert (result.message, len(waits), tries) == ("done", 2, 3)


@pytest.mark.parametrize("reply", FINAL.values(), ids=FINAL)
def test_a_failure_that_stays_is_not_tried_again(kind: Kind, reply: Reply) -> None:
    """What another try can't mend raises at once."""
    error, waits, tries = tried(kind, reply)
    assert isinstance(error, HAVNError)
    assert (waits, tries) == ([], 1)


@pytest.mark.parametrize("options", [{"max_retries": 0}, {"retry": RetryPolicy(max_retries=0)}])
@pytest.mark.parametrize(("script", "error_class"), WORTH_IT.values(), ids=WORTH_IT)
def test_no_retries_is_one_try(
    kind: Kind, options: dict[str, Any], script: Script, error_class: type[HAVNError]
) -> None:
    """With `max_retries=0` the first error is the outcome, and nobody waits."""
    error, waits, tries = tried(kind, script, **options)
    assert type(error) is error_class
    assert (waits, tries) == ([], 1)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ((Reply(500), httpx.ReadError("lost"), Reply(429), Reply(503, {"message": "last"})), HAVNServerError),
        ((BUSY, BUSY, BUSY, Reply(429)), HAVNRateLimitError),
        ((Reply(429), Reply(429), Reply(429), httpx.ReadTimeout("slow")), HAVNTimeoutError),
        ((BUSY, Reply(404)), errors.HAVNNotFoundError),
    ],
)
def test_the_last_error_is_the_one_that_is_raised(
    kind: Kind, script: tuple[Script, ...], expected: type[HAVNError]
) -> None:
    """Of several errors the caller gets the last, as HAVN or the network gave it."""
    error, _, tries = tried(kind, *script)
    assert type(error) is expected
    assert tries == len(script)


def test_every_try_sends_the_same(kind: Kind) -> None:
    """The bytes, the signature and the idempotency key are made once and repeated by every try."""
    havn = FakeHAVN(BUSY, httpx.ReadError("lost"), FINE)
    outcome(make_client(kind, havn).transactions.send(**SALE))
    assert len(havn.requests) == 3
    assert len({(request.content, str(request.headers.raw)) for request in havn.requests}) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.transactions.send(**SALE),
        lambda client: client.users.sync(**USER),
        lambda client: client.users.sync_bulk([USER]),
        lambda client: client.users.sync_many([USER]),
        lambda client: client.vouchers.validate("HAVN-A"),
        lambda client: client.vouchers.get_all(),
        lambda client: client.vouchers.iter_all(),
        lambda client: client.vouchers.get_combined(),
        lambda client: client.auth.login("ada@example.com"),
    ],
    ids=["send", "sync", "sync_bulk", "sync_many", "validate", "get_all", "iter_all", "get_combined", "login"],
)
def test_every_operation_is_tried_again(kind: Kind, call: Callable[[AnyClient], Any]) -> None:
    """All operations are safe to repeat, and are repeated alike."""
    havn, clock = FakeHAVN(BUSY, FINE), FakeClock()
    outcome(call(make_client(kind, havn, clock=clock)))
    assert clock.waits == [0.5]
    assert len(havn.requests) == 2


# ── how long ─────────────────────────────────────────────────────────────────────────────────────


def test_the_waits_are_drawn(kind: Kind) -> None:
    """A wait is drawn evenly from zero to a bound that doubles (full jitter)."""
    dice = random.Random(7)
    expected = [dice.uniform(0.0, bound) for bound in (0.5, 1.0, 2.0)]
    assert tried(kind, BUSY, rng=random.Random(7))[1] == expected


@pytest.mark.parametrize(
    ("options", "waits"),
    [
        ({"backoff_factor": 2, "max_retries": 4}, [2.0, 4.0, 8.0, 8.0]),
        ({"backoff_factor": 0}, [0.0, 0.0, 0.0]),
        ({"retry": RetryPolicy(backoff_factor=1, max_backoff=1.5)}, [1.0, 1.5, 1.5]),
    ],
)
def test_the_policy_sets_the_waits(kind: Kind, options: dict[str, Any], waits: list[float]) -> None:
    """The back-off grows from `backoff_factor` and never above `max_backoff`."""
    assert tried(kind, BUSY, **options)[1] == waits


ASKED: dict[str, tuple[int, dict[str, str], float]] = {
    "seconds": (429, {"Retry-After": "7"}, 7.0),
    "a fraction": (429, {"Retry-After": "0.25"}, 0.25),
    "the ceiling itself": (429, {"Retry-After": "60"}, 60.0),
    "a date": (429, {"Retry-After": formatdate(NOON + 9, usegmt=True)}, 9.0),
    "a date by the clock of the server": (
        503,
        {"Retry-After": formatdate(9_000, usegmt=True), "Date": formatdate(8_990, usegmt=True)},
        10.0,
    ),
    "the reset of a rate limit": (429, {"X-RateLimit-Reset": str(int(NOON) + 5)}, 5.0),
    "Retry-After before the reset": (429, {"Retry-After": "3", "X-RateLimit-Reset": str(int(NOON) + 5)}, 3.0),
    "of a 503": (503, {"Retry-After": "4"}, 4.0),
    "no reset for a 503": (503, {"X-RateLimit-Reset": str(int(NOON) + 5)}, 0.5),
    "a reset that has passed": (429, {"X-RateLimit-Reset": str(int(NOON) - 5)}, 0.5),
    "zero": (429, {"Retry-After": "0"}, 0.5),
    "negative": (429, {"Retry-After": "-3"}, 0.5),
    "not a number": (429, {"Retry-After": "nan"}, 0.5),
    "words": (429, {"Retry-After": "in a while"}, 0.5),
}


@pytest.mark.parametrize(("status", "headers", "wait"), ASKED.values(), ids=ASKED)
def test_havn_may_say_how_long(kind: Kind, status: int, headers: dict[str, str], wait: float) -> None:
    """What HAVN asks for wins over the back-off, to the second, as long as it makes sense."""
    assert tried(kind, Reply(status, headers=headers), FINE)[1] == [wait]


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize("asked", [60.001, 3600.0, 1e300])
def test_a_wait_above_the_ceiling_is_not_slept(kind: Kind, status: int, asked: float) -> None:
    """A wait above `max_wait` raises at once, with `retry_after` for the caller to act on."""
    error, waits, tries = tried(kind, Reply(status, headers={"Retry-After": str(asked)}))
    assert error.retry_after == asked
    assert (waits, tries) == ([], 1)


# ── the deadline ─────────────────────────────────────────────────────────────────────────────────


def slowly(clock: FakeClock, seconds: float, reply: Reply) -> Callable[[httpx.Request], Reply]:
    """An answer that takes its time."""

    def answer(_request: httpx.Request) -> Reply:
        clock.pass_by(seconds)
        return reply

    return answer


def test_the_deadline_counts_tries_and_waits(kind: Kind) -> None:
    """No wait is begun that would end at the deadline or beyond: the last error is raised before it."""
    clock = FakeClock()
    policy = RetryPolicy(max_retries=50, backoff_factor=4, max_backoff=4, deadline=30)
    _, waits, tries = tried(kind, slowly(clock, 5, BUSY), clock=clock, retry=policy)
    assert (waits, tries) == ([4.0, 4.0, 4.0], 4)  # 5 + 4 + 5 + 4 + 5 + 4 + 5 = 32, and 4 more would be too late


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [(30, [30.0, 30.0, 12.0]), (10, [10.0, 10.0, 10.0])],
)
def test_a_try_is_clipped_to_the_deadline(kind: Kind, timeout: float, expected: list[float]) -> None:
    """No try may take longer than what the deadline leaves."""
    clock = FakeClock()
    havn = FakeHAVN(slowly(clock, 40, BUSY))
    policy = RetryPolicy(max_retries=2, backoff_factor=4, max_backoff=4, deadline=100)
    client = make_client(kind, havn, clock=clock, timeout=timeout, retry=policy)
    with pytest.raises(HAVNServerError):
        outcome(client.transactions.send(**SALE))
    assert [request.extensions["timeout"]["read"] for request in havn.requests] == expected


def test_a_try_of_a_supplied_client_is_clipped_too(kind: Kind) -> None:
    """Where the supplied client's own timeouts hold, each is clipped to what the deadline leaves."""
    clock = FakeClock()
    havn = FakeHAVN(slowly(clock, 40, BUSY))
    policy = RetryPolicy(max_retries=2, backoff_factor=4, max_backoff=4, deadline=100)
    transport = httpx.MockTransport(havn)
    own = httpx.Timeout(60, connect=5, pool=None)
    supplied = (
        httpx.Client(transport=transport, timeout=own)
        if kind == "sync"
        else httpx.AsyncClient(transport=transport, timeout=own)
    )
    client = make_client(kind, clock=clock, retry=policy, http_client=supplied)
    with pytest.raises(HAVNServerError):
        outcome(client.transactions.send(**SALE))
    limits = [request.extensions["timeout"] for request in havn.requests]
    assert [(each["connect"], each["read"], each["pool"]) for each in limits] == [
        (5, 60, 100),
        (5, 56, 56),
        (5, 12, 12),
    ]


def test_a_sleep_past_the_deadline_ends_the_call(kind: Kind) -> None:
    """When a sleep lasts beyond the deadline, on a busy machine, no try follows: the last error stands."""
    clock = FakeClock(oversleep=500)
    error, waits, tries = tried(kind, BUSY, clock=clock)
    assert type(error) is HAVNServerError
    assert (waits, tries) == ([0.5], 1)


@pytest.mark.parametrize("call_timeout", [None, 2.5])
@pytest.mark.parametrize("client_timeout", [None, 7.0])
def test_the_timeout_of_the_call_wins(kind: Kind, client_timeout: float | None, call_timeout: float | None) -> None:
    """The call's timeout wins over the client's, and the client's over that of a supplied HTTP client."""
    havn = FakeHAVN()
    outcome(make_client(kind, havn, timeout=client_timeout).transactions.send(**SALE, timeout=call_timeout))
    wanted = call_timeout or client_timeout or 5.0  # httpx's own default
    assert set(havn.request.extensions["timeout"].values()) == {wanted}


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.transactions.send(**SALE, timeout=2.5),
        lambda client: client.users.sync(**USER, timeout=2.5),
        lambda client: client.users.sync_bulk([USER], timeout=2.5),
        lambda client: client.users.sync_many([USER], timeout=2.5),
        lambda client: client.vouchers.validate("HAVN-A", timeout=2.5),
        lambda client: client.vouchers.get_all(timeout=2.5),
        lambda client: client.vouchers.iter_all(timeout=2.5),
        lambda client: client.vouchers.get_combined(timeout=2.5),
        lambda client: client.auth.login("ada@example.com", timeout=2.5),
    ],
    ids=["send", "sync", "sync_bulk", "sync_many", "validate", "get_all", "iter_all", "get_combined", "login"],
)
def test_every_operation_passes_its_timeout_on(kind: Kind, call: Callable[[AnyClient], Any]) -> None:
    """Whichever operation it is, its own timeout is that of the exchange."""
    havn = FakeHAVN(FINE)
    outcome(call(make_client(kind, havn, timeout=7.0)))
    assert set(havn.request.extensions["timeout"].values()) == {2.5}


# ── options ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", [{}, {"retry": RetryPolicy(max_wait=1)}], ids=["settings", "policy"])
@pytest.mark.parametrize("retries", [1, "1", 1.0])
def test_a_derived_client_changes_one_option(kind: Kind, given: dict[str, Any], retries: Any) -> None:
    """`with_options(max_retries=1)` leaves the rest of the policy as it was, and its parent too."""
    havn = FakeHAVN(BUSY)
    parent = make_client(kind, havn, **given)
    derived = parent.with_options(max_retries=retries)
    assert derived._session.retry == RetryPolicy(max_retries=1, max_wait=parent._session.retry.max_wait)
    assert parent._session.retry.max_retries == 3


def test_a_derived_client_may_have_its_own_policy(kind: Kind) -> None:
    """`with_options(retry=...)` replaces what the parent was told."""
    policy = RetryPolicy(max_retries=9)
    assert make_client(kind, max_retries=1).with_options(retry=policy)._session.retry is policy


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_forked_children_draw_their_own_waits() -> None:
    """Processes forked from one parent do not wait in step: their dice differ."""
    dice = HAVNClient("havn_test_key", "havn_test_secret")._session.rng
    draws = [dice.random()]
    for _ in range(2):
        receiving, sending = os.pipe()
        if (child := os.fork()) == 0:
            os.write(sending, str(dice.random()).encode())
            os._exit(0)
        os.close(sending)
        with os.fdopen(receiving) as answer:
            draws.append(float(answer.read()))
        os.waitpid(child, 0)
    assert len(set(draws)) == 3


def test_a_retry_is_logged(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """Each retry is one warning of the logger `havn.client`: method, path, reason, number and wait."""
    caplog.set_level("WARNING", "havn")
    tried(kind, BUSY, FINE)
    (record,) = caplog.records
    assert record.name == "havn.client"
    assert record.getMessage() == "POST /api/v1/webhook/transaction: Busy (HTTP 503); retry 1 in 0.50 s"


def test_a_network_error_names_the_call(kind: Kind) -> None:
    """A network error says which call had no answer, and that it is safe to repeat."""
    error, _, _ = tried(kind, httpx.ConnectError("refused"), max_retries=0)
    assert isinstance(error, HAVNNetworkError)
    assert str(error) == (
        "HAVN did not answer POST /api/v1/webhook/transaction at all (ConnectError: refused);"
        " the call is safe to repeat"
    )
