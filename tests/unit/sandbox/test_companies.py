from __future__ import annotations

from typing import Any

import pytest
from sandbox_support import LOGIN, TRANSACTION, USER_SYNC, Caller, sale, sandbox_in_process

from havn_ext.sandbox.companies import Company, find, open_data, register
from havn_ext.sandbox.config import SandboxConfig


@pytest.mark.parametrize(("key", "secret"), [("...", "..."), ("k", "ein Geheimnis äöü"), ("test_x", "own")])
def test_the_default_company_has_the_configured_credentials(key: str, secret: str) -> None:
    """Any strings will do; even for a key that begins test_ the configured secret holds."""
    with sandbox_in_process(api_key=key, webhook_secret=secret) as default:
        own = Caller(default.app, key, secret)
        assert own.get().json()["pagination"]["total"] > 0


def test_a_test_key_makes_an_empty_company(havn: Caller) -> None:
    """A key that begins test_ opens a company with nothing in it, whose secret is the key and _secret."""
    assert havn.as_company("test_new").get().json()["pagination"]["total"] == 0


def test_a_test_company_is_remembered(havn: Caller) -> None:
    """What a test company stores is there on its next call."""
    company = havn.as_company("test_again")
    company.post(USER_SYNC, {"email": "a@example.com", "name": "A"})
    assert company.post(LOGIN, {"email": "a@example.com"}).status_code == 200


def test_companies_never_see_each_other(havn: Caller) -> None:
    """Users, codes, vouchers and payment ids of one company are unknown to another."""
    one, two = havn.as_company("test_one"), havn.as_company("test_two")
    code = one.post(USER_SYNC, {"email": "a@example.com", "name": "Zoe Zoo"}).json()["referral_code"]
    assert two.post(LOGIN, {"email": "a@example.com"}).status_code == 404
    assert two.post(TRANSACTION, sale(referral_code=code)).status_code == 404
    assert one.post(TRANSACTION, sale(referral_code=code)).status_code == 201
    assert two.post(TRANSACTION, sale()).json()["transaction"]["transaction_id"] == "txn_001"


def test_a_company_without_seed_is_empty() -> None:
    """With seed none the default company starts with nothing."""
    with sandbox_in_process(seed="none") as havn:
        assert havn.get().json()["data"] == []


def test_no_secret_is_printed() -> None:
    """Neither the settings nor a company show the secret."""
    assert "hush" not in repr(SandboxConfig(webhook_secret="hush")) + repr(Company("key", "hush"))


@pytest.mark.parametrize("setting", [{"api_key": ""}, {"webhook_secret": ""}, {"seed": "lots"}])
def test_settings_that_make_no_sense_are_refused(setting: dict[str, Any]) -> None:
    """An empty credential or an unknown seed is a mistake of the caller."""
    with pytest.raises(ValueError, match=next(iter(setting))):
        SandboxConfig(**setting)


def test_a_known_company_gets_the_new_secret_and_keeps_its_data(havn: Caller) -> None:
    """Registering again is no new company, so it is not seeded again; the new secret holds."""
    assert havn.app is not None
    store = havn.app.state.store
    renewed = Company(havn.key, "new")
    assert register(store, renewed) is False
    assert find(store, havn.key) == renewed
    assert len(open_data(store, renewed).all("vouchers")) == 8


def test_a_missing_key_is_nobodys(havn: Caller) -> None:
    """No key, no company."""
    assert havn.app is not None
    assert find(havn.app.state.store, None) is None
