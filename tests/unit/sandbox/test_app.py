from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sandbox_support import KEY, LOGIN, TRANSACTION, USER_SYNC, VOUCHERS, Caller, hand_signed, rules, sale
from starlette.routing import Route

import havn_ext.sandbox
from havn_ext.sandbox import SandboxConfig, app, create_app
from havn_ext.sandbox.messages import Answer, Call, Handler

if TYPE_CHECKING:
    from starlette.types import Message


def test_health(havn: Caller) -> None:
    """The sandbox says that it serves, to anyone."""
    response = havn.send("GET", "/_sandbox/health", None)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/api", f"{VOUCHERS}/", "/_sandbox", "/api/v1/webhook/vouchers%2F"])
def test_an_unknown_path_is_a_404_in_havns_words(havn: Caller, path: str) -> None:
    """No redirects, no text of the framework."""
    response = havn.send("GET", path, None)
    assert response.status_code == 404
    assert response.json() == {"success": False, "error": "not_found", "message": "Not Found", "details": []}


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("GET", LOGIN, {"POST"}), ("PUT", VOUCHERS, {"GET", "HEAD"})]
)
def test_a_wrong_method_is_a_405_that_says_which_are_right(
    havn: Caller, method: str, path: str, allowed: set[str]
) -> None:
    """Allow names the methods of the path (RFC 9110 15.5.6)."""
    response = havn.send(method, path, None)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allowed
    assert response.json()["error"] == "method_not_allowed"


def test_a_defect_behind_the_control_api_is_told_like_any_error(havn: Caller) -> None:
    """A 500 in the shape of the others, not the text of a framework; the log of the program has the reason."""
    assert havn.app is not None
    havn.app.state.store.close()
    transport = httpx.ASGITransport(havn.app, raise_app_exceptions=False)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post("/_sandbox/seed", json={"seed": "demo"})

    response = asyncio.run(ask())
    assert response.status_code == 500
    assert response.json()["error"] == "sandbox_defect"


@pytest.mark.parametrize("given", ["req-1", "A.b_c-9" * 18])
def test_a_harmless_request_id_comes_back(havn: Caller, given: str) -> None:
    """The client's own id is on the answer, whatever the answer."""
    for response in (havn.get(x_request_id=given), havn.send("GET", "/nowhere", None, x_request_id=given)):
        assert response.headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", b"\xff"])
def test_any_other_request_id_is_replaced(havn: Caller, given: Any) -> None:
    """Every answer has one, a new one each time."""
    ids = [havn.get(x_request_id=given).headers["X-Request-Id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    assert ids[0] != ids[1]


def broken(handler: Handler, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """A sandbox whose user sync is another rule."""
    monkeypatch.setattr(app, "_HANDLERS", {**app._HANDLERS, "syncUsers": handler})
    return Caller(create_app(SandboxConfig(seed="none")))


def _answers_off_the_contract(call: Call) -> Answer:
    call.data.insert("users", id="usr_1", email="left@example.com", name="Left")
    return Answer(200, {"success": "perhaps"})


def _fails(call: Call) -> Answer:
    call.data.insert("users", id="usr_1", email="left@example.com", name="Left")
    raise KeyError("a mistake of ours")


@pytest.mark.parametrize("handler", [_answers_off_the_contract, _fails])
def test_a_defect_is_told_logged_and_undone(
    handler: Handler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A rule that fails or answers off the contract is a 500 of the sandbox's own, and leaves nothing behind."""
    havn = broken(handler, monkeypatch)
    assert havn.app is not None
    with caplog.at_level(logging.ERROR, "havn.sandbox"):
        response = havn.post(USER_SYNC, {"email": "a@example.com", "name": "A"})
    assert response.status_code == 500
    assert response.json()["error"] == "sandbox_defect"
    assert response.headers["X-RateLimit-Remaining"] == "599"
    assert "syncUsers" in caplog.text
    assert havn.post(LOGIN, {"email": "left@example.com"}).status_code == 404
    havn.app.state.store.close()


def test_a_client_that_leaves_is_no_defect(havn: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that ends within the body is a bad request that nobody hears, not an error in the log."""
    assert havn.app is not None
    headers = [(b"x-api-key", KEY.encode()), (b"x-signature", hand_signed(b"{}").encode())]
    scope = {"type": "http", "method": "POST", "path": LOGIN, "query_string": b"", "headers": headers}
    sent: list[Message] = []
    asyncio.run(havn.app(scope, _leaves, _append_to(sent)))
    assert sent[0]["status"] == 400
    assert not caplog.records


async def _leaves() -> Message:
    return {"type": "http.disconnect"}


def _append_to(sent: list[Message]) -> Any:
    async def send(message: Message) -> None:
        sent.append(message)

    return send


def test_the_lifespan_closes_the_database() -> None:
    """Who serves the application with its lifespan need not close anything."""
    application = create_app(SandboxConfig())
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    asyncio.run(application({"type": "lifespan", "state": {}}, receive, _append_to(sent)))
    assert [each["type"] for each in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        application.state.store.connection.execute("SELECT 1")


def test_every_operation_has_a_route(havn: Caller) -> None:
    """Routes come from the contract, and are named after its operations."""
    assert havn.app is not None
    routes = {route.name for route in havn.app.routes if isinstance(route, Route)}
    assert set(app._HANDLERS) < routes


def test_a_strange_host_is_no_defect(havn: Caller) -> None:
    """A Host that is no host makes no link to it, and no error."""
    for host in ("bad host[", "a:b:c", "x@y/z", ""):
        assert havn.post(LOGIN, {"email": "owner@example.com"}, host=host).status_code == 200


def test_head_is_a_get_without_a_body(havn: Caller) -> None:
    """The framework answers HEAD where GET is allowed; it passes the same checks."""
    assert havn.send("HEAD", VOUCHERS, None).status_code == 200
    assert havn.send("HEAD", VOUCHERS, None, x_signature="0").status_code == 401


def test_the_public_surface() -> None:
    """Three names, sorted, and nothing else."""
    assert havn_ext.sandbox.__all__ == sorted(havn_ext.sandbox.__all__) == dir(havn_ext.sandbox)
    assert all(hasattr(havn_ext.sandbox, name) for name in havn_ext.sandbox.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        havn_ext.sandbox.nothing  # type: ignore[attr-defined]  # noqa: B018  the access is the test


def test_faults_are_judged_before_the_store_is_touched(havn: Caller) -> None:
    """A refused request makes no company."""
    fresh = havn.as_company("test_untouched")
    assert rules(fresh.post(TRANSACTION, sale(amount=0))) == [("/amount", "minimum")]
    assert havn.app is not None
    keys = havn.app.state.store.connection.execute("SELECT api_key FROM companies").fetchall()
    assert keys == [{"api_key": KEY}]
