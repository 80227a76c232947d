from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from inspector_support import ROOT
from sandbox_support import KEY, TRANSACTION, USER_SYNC, Caller, sale

from havn_ext.sandbox import SandboxConfig, create_app

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def local() -> Generator[Caller]:
    """The default company, calling by a name that the inspector answers to."""
    app = create_app(SandboxConfig())
    yield Caller(app, base_url="http://127.0.0.1:8787")
    app.state.store.close()


def resend(caller: Caller, number: int) -> Any:
    """Press the button of a request; the entry that the page leads to."""
    answer = caller.send("POST", f"{ROOT}/requests/{number}/resend", None, sec_fetch_site="same-origin")
    assert answer.status_code == 303
    assert caller.app is not None
    return caller.app.state.box.log.get(int(answer.headers["Location"].rpartition("/")[2]))


def test_a_request_is_sent_again_as_it_was(local: Caller) -> None:
    """The same bytes and headers; a sale that was recorded is replayed, not recorded twice."""
    local.post(TRANSACTION, sale(), x_odd=b"\xfc")
    again = resend(local, 1)
    assert (again.id, again.verdict, again.company) == (2, "replayed", KEY)
    assert ("x-odd", "ü") in again.request_headers


def test_a_refusal_is_refused_again(local: Caller) -> None:
    """The verdict is the same for the same request."""
    local.post(USER_SYNC, {"name": 1})
    local.send("POST", TRANSACTION, b"{", signed=b"{")
    assert [resend(local, number).verdict for number in (1, 2)] == ["invalid", "invalid"]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncated", "empty", "html", "status=503"])
def test_a_fault_strikes_again(local: Caller, fault: str) -> None:
    """A request that named its own fault names it again; the page survives even a cut connection."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Caller, "_transmit", _ignoring_errors(Caller._transmit))
        local.post(TRANSACTION, sale(), x_sandbox_fault=fault)
    assert resend(local, 1).verdict == "fault"


def _ignoring_errors(transmit: Any) -> Any:
    import httpx

    def attempt(*arguments: Any, **options: Any) -> Any:
        try:
            return transmit(*arguments, **options)
        except httpx.TransportError:
            return None

    return attempt
