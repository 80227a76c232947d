from __future__ import annotations

from typing import Any

import pytest
from sandbox_support import VOUCHERS, Caller, sandbox_in_process

PAGES = ["/_sandbox/health", "/_sandbox/requests", "/_sandbox/nothing", "/_sandbox"]


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8787", "127.0.0.1:1", "[::1]:8787", "[::1]", "box", "Box:9"]
)
def test_this_machine_and_named_hosts_are_let_in(havn: Caller, host: str) -> None:
    """With any port, in any case."""
    assert havn.send("GET", "/_sandbox/health", None, host=host).status_code == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "box.example",
        "",
        "[",
        "a@b@c",
        "2130706433",
        r"evil.example\@localhost",
        "a@localhost",
    ],
)
def test_a_foreign_host_is_refused(havn: Caller, path: str, host: str) -> None:
    """A name that resolves to this machine does not make a page on the web a guest."""
    answer = havn.send("GET", path, None, host=host)
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://box:3000"},
        {"origin": "http://localhost"},
    ],
)
def test_another_pages_requests_are_refused(havn: Caller, headers: dict[str, Any]) -> None:
    """Whatever the method; nothing is changed."""
    assert havn.send("GET", "/_sandbox/requests", None, **headers).status_code == 403
    assert havn.send("POST", "/_sandbox/snapshots/a", None, **headers).status_code == 403
    assert havn.control("GET", "/snapshots").json() == {"snapshots": []}


@pytest.mark.parametrize(
    "headers", [{"sec_fetch_site": "same-origin", "origin": "http://box"}, {"sec_fetch_site": "none"}]
)
def test_its_own_pages_and_the_address_bar_are_let_in(havn: Caller, headers: dict[str, Any]) -> None:
    """The same origin, or no origin at all."""
    assert havn.send("GET", "/_sandbox/health", None, **headers).status_code == 200


def test_havns_side_is_open(havn: Caller) -> None:
    """HAVN's own operations are guarded by signatures alone."""
    assert havn.get(VOUCHERS, host="evil.example", sec_fetch_site="cross-site").status_code == 200


def test_nobody_else_is_let_in_unless_told() -> None:
    """Without further hosts there is only this machine."""
    with sandbox_in_process(allowed_hosts=[]) as havn:
        assert havn.send("GET", "/_sandbox/health", None).status_code == 403
