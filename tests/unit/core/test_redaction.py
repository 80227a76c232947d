from __future__ import annotations

import pickle

import pytest

from havn_ext._redaction import Secret, mask_email, mask_emails, mask_secrets, redact


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("customer@example.com", "c****@example.com"),
        ("c@example.com", "c****@example.com"),
        ("a@b@example.com", "a****@example.com"),
        ("@example.com", "****@example.com"),
        ("no address", "****"),
        ("", "****"),
    ],
)
def test_an_email_keeps_its_first_letter_and_its_domain(email: str, masked: str) -> None:
    """A masked address is known to its owner; what is no address is masked whole."""
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("User customer@example.com is inactive", "User c****@example.com is inactive"),
        ("<a.b+c@x.co.id>, d@e.org", "<a****@x.co.id>, d****@e.org"),
        ('{"email":"jane@example.com"}', '{"email":"j****@example.com"}'),
        (f"{'a' * 100}@example.com", "a****@example.com"),
        ("token=abc123", "token=****"),
        ("Token: abc123, next", "Token: ****, next"),
        ('{"token": "abc123", "x": 1}', '{"token": "****", "x": 1}'),
        ("{'token': 'abc123', 'x': 1}", "{'token': '****', 'x': 1}"),
        ("https://app.havn.com/login?token=abc123&next=/", "https://app.havn.com/login?token=****&next=/"),
        ("X-Signature: 0a1b2c", "X-Signature: ****"),
        ("X-API-Key=k3y", "X-API-Key=****"),
        ("api_key = k3y; apikey=k3y", "api_key = ****; apikey=****"),
        ("webhook_secret=abc123", "webhook_secret=****"),
        ("HAVN_WEBHOOK_SECRET=abc123", "HAVN_WEBHOOK_SECRET=****"),
        ("access_token: abc123", "access_token: ****"),
        ("PASSWORD=abc123", "PASSWORD=****"),
    ],
)
def test_what_is_private_is_masked(text: str, masked: str) -> None:
    """E-mail addresses and whatever is labelled a credential are masked, in prose, JSON, reprs and addresses."""
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The voucher has expired on 2024-06-15 at 12:00",
        "amount: must be at least 1; currency: must be one of IDR, USD",
        "The token is missing",
        "a secret sale @ the shop",
        "HTTP 404 (request req_1)",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    """What holds nothing private is not touched."""
    assert redact(text, ["havn_test_secret"]) == text


def test_given_secrets_are_masked_wherever_they_stand() -> None:
    """A secret of the client is masked without any label, the longer before the one inside it."""
    text = "key havn_test_key_2 and xhavn_test_keyx"
    assert redact(text, ["havn_test_key", "havn_test_key_2"]) == "key **** and x****x"


def test_our_own_sentences_lose_nothing_but_secrets() -> None:
    """What we say of a credential by its name stays readable, which `redact` would take for the credential."""
    text = "api_key: is missing; havn_test_key is wrong"
    assert mask_secrets(text, ["havn_test_key"]) == "api_key: is missing; **** is wrong"
    assert mask_emails("token: jane@example.com") == "token: j****@example.com"


def test_short_secrets_are_not_searched_for() -> None:
    """A secret of five characters is too short to look for: it would eat ordinary words."""
    assert redact("secrecy", ["secre"]) == "secrecy"
    assert redact("secrecy", ["secrec"]) == "****y"


def test_a_secret_is_itself_and_hidden() -> None:
    """Secrets compare by value, differ from their text, and print masked in every way of printing."""
    secret = Secret("havn_test_secret")
    assert secret == Secret("havn_test_secret")
    assert hash(secret) == hash(Secret("havn_test_secret"))
    assert secret != Secret("other")
    assert secret != "havn_test_secret"
    assert (repr(secret), str(secret), f"{secret}") == ("Secret('****')",) * 3
    assert pickle.loads(pickle.dumps(secret)).reveal() == secret.reveal() == "havn_test_secret"  # noqa: S301  our own pickle
