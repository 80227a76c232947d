from __future__ import annotations

from typing import Any

import pytest
from inspector_support import ROOT, Inspector, entry
from sandbox_support import KEY, SECRET, Caller

from havn_ext.sandbox import SandboxConfig, create_app
from havn_ext.sandbox.inspector.masking import masked
from havn_ext.sandbox.inspector.security import SECURITY_HEADERS

PATHS = [
    "/",
    f"{ROOT}/requests/1",
    f"{ROOT}/requests/99",
    f"{ROOT}/requests/1.har",
    f"{ROOT}/requests.har",
    f"{ROOT}/requests.ndjson",
    f"{ROOT}/associates",
    f"{ROOT}/transactions",
    f"{ROOT}/vouchers",
    f"{ROOT}/static/inspector.js",
    f"{ROOT}/nowhere",
    f"{ROOT}/static/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_policy(inspector: Inspector, path: str) -> None:
    """No script, style or request but of our own; also on what is not found."""
    inspector.add()
    headers = inspector.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_allows_nothing_inline() -> None:
    """Everything is forbidden but files of the sandbox itself."""
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PATHS)
def test_keys_are_masked_and_secrets_absent(inspector: Inspector, path: str) -> None:
    """No page and no export tells an API key or a webhook secret."""
    inspector.add()
    page = inspector.get(path).text
    assert KEY not in page
    assert SECRET not in page


def test_a_masked_key_tells_four_characters_of_a_long_one() -> None:
    """A key so short that four characters would tell it is not shown at all."""
    assert masked(KEY) == "havn••••"
    assert masked("12345678") == "••••"


FOREIGN = [
    ("GET", {"host": "evil.example"}),
    ("POST", {"sec_fetch_site": "cross-site"}),
    ("POST", {"origin": "https://evil.example"}),
    ("POST", {"origin": "null"}),
]


@pytest.mark.parametrize(("method", "headers"), FOREIGN)
def test_other_sites_get_nothing_and_change_nothing(method: str, headers: dict[str, Any]) -> None:
    """A foreign Host and another site's request are refused, and nothing is sent again."""
    app = create_app(SandboxConfig())
    havn = Caller(app, base_url="http://127.0.0.1:8787")
    app.state.box.log.add(entry())
    path = "/" if method == "GET" else f"{ROOT}/requests/1/resend"
    assert havn.send(method, path, None, **headers).status_code == 403
    assert app.state.box.log.last_id == 1
    app.state.store.close()
