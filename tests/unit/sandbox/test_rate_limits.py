from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_support import LOGIN, TRANSACTION, Caller, StillClock, sale, sandbox_in_process

from havn_ext.sandbox.config import SandboxConfig
from havn_ext.sandbox.rate_limits import RateLimiter

if TYPE_CHECKING:
    import httpx


def login(havn: Caller, **headers: object) -> httpx.Response:
    """One call of the operation with the smallest limit."""
    return havn.post(LOGIN, {"email": "owner@example.com"}, **headers)


def test_twenty_logins_a_minute(havn: Caller, clock: StillClock) -> None:
    """The twenty-first login within a minute is refused, and the first of the next minute is granted."""
    clock.advance(50)
    assert [login(havn).status_code for _ in range(21)] == [200] * 20 + [429]
    refused = login(havn)
    assert refused.headers["Retry-After"] == "10"
    assert refused.json()["error"] == "rate_limited"
    clock.advance(10)
    assert login(havn).status_code == 200


def test_every_answer_tells_the_limits(havn: Caller, clock: StillClock) -> None:
    """An answer of an operation carries the three headers, refused or not."""
    window_end = str(int(clock.now.timestamp()) // 60 * 60 + 60)
    for n, response in enumerate([login(havn), login(havn, x_signature="0"), havn.send("POST", LOGIN, b"{")], 1):
        assert response.headers["X-RateLimit-Limit"] == "20"
        assert response.headers["X-RateLimit-Remaining"] == str(20 - n)
        assert response.headers["X-RateLimit-Reset"] == window_end


def test_limits_are_of_one_company_and_one_operation(havn: Caller, empty: Caller) -> None:
    """One company's logins take nothing from another's, nor from other operations."""
    for _ in range(21):
        login(havn)
    assert login(empty).status_code == 404
    assert havn.get().headers["X-RateLimit-Remaining"] == "599"


def test_strangers_share_one_bucket(havn: Caller) -> None:
    """Unknown keys count together, so that guessing is limited too."""
    answers = [login(havn, x_api_key=f"stranger {n}").status_code for n in range(21)]
    assert answers == [401] * 20 + [429]
    assert login(havn).status_code == 200


def test_a_dry_run_counts(havn: Caller) -> None:
    """Test mode stores nothing, but is a call like any other."""
    havn.post(TRANSACTION, sale(), x_test_mode="true")
    assert havn.post(TRANSACTION, sale()).headers["X-RateLimit-Remaining"] == "598"


def test_without_limits_nothing_runs_out() -> None:
    """With rate limits off the headers are there and the last call has as many left as the first."""
    with sandbox_in_process(rate_limits=False) as havn:
        answers = [login(havn) for _ in range(25)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["X-RateLimit-Remaining"] for answer in answers} == {"20"}


def test_limits_can_be_set() -> None:
    """Each operation may have its own limit, the others share a default."""
    clock = StillClock()
    settings = {"requests_per_minute": {"listVouchers": 1}, "default_requests_per_minute": 2, "clock": clock}
    with sandbox_in_process(**settings) as havn:
        assert [havn.get().status_code for _ in range(2)] == [200, 429]
        assert [login(havn).status_code for _ in range(3)] == [200, 200, 429]


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(0, 5))
def test_no_window_grants_more_than_its_limit(steps: list[float], limit: int) -> None:
    """However calls fall, no minute of the clock grants more than the limit, and a refusal waits at least 1 s."""
    clock = StillClock()
    limiter = RateLimiter(SandboxConfig(clock=clock, requests_per_minute={"op": limit}))
    granted: dict[int, int] = {}
    for step in steps:
        clock.advance(step)
        allowance = limiter.take("key", "op")
        granted[allowance.reset] = granted.get(allowance.reset, 0) + allowance.granted
        assert 1 <= allowance.retry_after <= 60
        assert allowance.remaining == limit - granted[allowance.reset]
    assert all(count <= limit for count in granted.values())


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_jumps_opens_a_new_window(havn: Caller, clock: StillClock, seconds: int) -> None:
    """Whichever way the clock is set, calls are counted anew."""
    login(havn)
    clock.advance(seconds)
    assert login(havn).headers["X-RateLimit-Remaining"] == "19"
