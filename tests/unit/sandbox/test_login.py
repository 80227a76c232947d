from __future__ import annotations

import hashlib

import pytest
from sandbox_support import LOGIN, Caller, rules


@pytest.mark.parametrize("email", ["owner@example.com", "OWNER@example.com"])
def test_an_active_user_gets_a_link(havn: Caller, email: str) -> None:
    """The link leads to the sandbox itself, carries the token and is good for five minutes."""
    response = havn.post(LOGIN, {"email": email})
    link = response.json()["data"]
    assert response.status_code == 200
    assert link["redirect_url"] == f"http://box/login?token={link['token']}"
    assert link["expires_in"] == 300


def test_every_token_is_new_and_kept_as_a_hash(havn: Caller) -> None:
    """No token is given twice, and the store could not give one away."""
    tokens = [havn.post(LOGIN, {"email": "owner@example.com"}).json()["data"]["token"] for _ in range(3)]
    assert havn.app is not None
    rows = havn.app.state.store.connection.execute("SELECT * FROM login_tokens").fetchall()
    assert {row["token_hash"] for row in rows} == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}
    assert {row["expires_at"] for row in rows} == {"2024-06-01T08:35:00Z"}


@pytest.mark.parametrize(
    ("email", "status", "rule"),
    [("nobody@example.com", 404, "unknown_user"), ("inactive@example.com", 400, "inactive_user")],
)
def test_others_get_none(havn: Caller, email: str, status: int, rule: str) -> None:
    """An unknown user is a 404, an inactive one a 400, and the address is not repeated."""
    response = havn.post(LOGIN, {"email": email})
    assert response.status_code == status
    assert rules(response) == [("/email", rule)]
    assert email not in response.text
