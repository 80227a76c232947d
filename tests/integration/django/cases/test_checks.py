"""What `manage.py check` finds, and what `settings.HAVN` may say."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from django.test import override_settings

from havn_ext.integrations.django import sender, store
from havn_ext.integrations.django.conf import configuration

GOOD = {"API_KEY": "key", "WEBHOOK_SECRET": "secret"}
RATES = {"IDR": Decimal("0.0000625")}


def found(havn: object) -> list[tuple[str, str]]:
    """Ids and texts of HAVN's checks under some settings."""
    with override_settings(HAVN=havn):
        return [(str(each.id), each.msg) for each in run_checks() if str(each.id).startswith("havn.")]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes from the environment that a test has not set."""
    for name in ("HAVN_API_KEY", "HAVN_WEBHOOK_SECRET", "HAVN_BASE_URL", "HAVN_API_KEY_EAST"):
        monkeypatch.delenv(name, raising=False)


def test_good_settings_pass() -> None:
    """The shop as it is has nothing to complain of."""
    assert found(GOOD) == []


def test_credentials_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in the environment serve as well as settings; each other account has variables of its own."""
    monkeypatch.setenv("HAVN_API_KEY", "key")
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", "secret")
    assert found({}) == []
    missing = found({"ACCOUNTS": {"default": {}, "east": {}}})
    assert [text for _, text in missing] == [
        "HAVN account 'east': api_key must not be empty",
        "HAVN account 'east': webhook_secret must not be empty",
    ]
    monkeypatch.setenv("HAVN_API_KEY_EAST", "key")
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET_EAST", "secret")
    assert found({"ACCOUNTS": {"east": {}}}) == []


@pytest.mark.parametrize(
    ("havn", "expected"),
    [
        ({}, ["api_key is missing", "webhook_secret is missing"]),
        ({"API_KEY": "key\n", "WEBHOOK_SECRET": "secret"}, ["white space"]),
        ({**GOOD, "BASE_URL": "havn"}, ["base_url must be an address"]),
        ({**GOOD, "TEST_MODE": "yes"}, ["test_mode must be True or False"]),
        ({**GOOD, "ACCOUNTS": {"east": {"API_KEY": 7, "WEBHOOK_SECRET": "s"}}}, ["'east': api_key must be a str"]),
    ],
)
def test_wrong_credentials_are_found(havn: dict[str, Any], expected: list[str]) -> None:
    """havn.E002: credentials that are missing or malformed, each by name, and never by value."""
    errors = found(havn)
    assert [key for key, _ in errors] == ["havn.E002"] * len(expected)
    for (_, text), part in zip(errors, expected, strict=True):
        assert part in text
    assert "secret\n" not in str(errors)


@pytest.mark.parametrize(
    ("havn", "expected"),
    [
        ("key", ["settings.HAVN must be a dict, not str"]),
        ({**GOOD, "SECRET": "s"}, ["settings.HAVN has 'SECRET', which there is not"]),
        ({**GOOD, "DATABASE": 7}, ["settings.HAVN['DATABASE'] must be an alias"]),
        ({**GOOD, "KEEP_PAYLOAD_DAYS": -1}, ["settings.HAVN['KEEP_PAYLOAD_DAYS'] must be a number of days"]),
        ({**GOOD, "KEEP_PAYLOAD_DAYS": True}, ["settings.HAVN['KEEP_PAYLOAD_DAYS'] must be a number of days"]),
        ({**GOOD, "REFERRAL_DAYS": 0}, ["settings.HAVN['REFERRAL_DAYS'] must be a number of days greater than 0"]),
        ({**GOOD, "RATES": 7}, ["settings.HAVN['RATES'] must be a dict"]),
        ({**GOOD, "RATES": "no.such"}, ["settings.HAVN['RATES'] can't be imported"]),
        ({**GOOD, "ACCOUNTS": ["east"]}, ["settings.HAVN['ACCOUNTS'] must be a dict of dicts"]),
        ({**GOOD, "ACCOUNTS": {"east": "key"}}, ["settings.HAVN['ACCOUNTS']['east'] must be a dict, not str"]),
        ({**GOOD, "ACCOUNTS": {"east": {"KEY": "k"}}}, ["settings.HAVN['ACCOUNTS']['east'] has 'KEY'"]),
        ({**GOOD, "ACCOUNTS": {"default": {}}}, ["settings.HAVN['ACCOUNTS'] has a 'default'"]),
        ({"API": 1, "RATES": 7}, ["settings.HAVN has 'API'", "settings.HAVN['RATES']"]),
    ],
)
def test_malformed_settings_are_found(havn: object, expected: list[str]) -> None:
    """havn.E001: settings that are malformed, all at once; whoever uses them meets the same words."""
    errors = found(havn)
    assert [key for key, _ in errors] == ["havn.E001"] * len(expected)
    for (_, text), part in zip(errors, expected, strict=True):
        assert text.startswith(part)
    with override_settings(HAVN=havn), pytest.raises(ImproperlyConfigured) as caught:
        configuration()
    assert all(part in str(caught.value) for part in expected)


def test_a_wrong_database_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """havn.E003: a database that is missing, of another kind, too old, or whose transactions nobody ends."""
    assert [key for key, _ in found({**GOOD, "DATABASE": "nowhere"})] == ["havn.E003"]
    other: Any = connections["other"]
    with monkeypatch.context() as patch:
        patch.setattr(other, "vendor", "mysql")
        assert found({**GOOD, "DATABASE": "other"}) == [
            ("havn.E003", "settings.HAVN['DATABASE']: the outbox lives in PostgreSQL or SQLite, not in mysql")
        ]
    with monkeypatch.context() as patch:
        patch.setattr(other.Database, "sqlite_version_info", (3, 34, 1))
        assert "3.35 or later" in found({**GOOD, "DATABASE": "other"})[0][1]
    with monkeypatch.context() as patch:
        patch.setitem(other.settings_dict, "AUTOCOMMIT", False)
        assert "AUTOCOMMIT" in found({**GOOD, "DATABASE": "other"})[0][1]


def test_sqlite_should_begin_immediately() -> None:
    """havn.W001: SQLite whose transactions don't take the write lock when they begin."""
    assert [key for key, _ in found({**GOOD, "DATABASE": "other"})] == ["havn.W001"]


def test_manage_py_check_fails() -> None:
    """`manage.py check` fails when credentials are missing, and names them."""
    with override_settings(HAVN={}), pytest.raises(SystemCheckError, match=r"havn\.E002"):
        call_command("check", stderr=StringIO())


def test_settings_reach_sender_and_store() -> None:
    """Accounts, base address, retention and rates are those of the settings."""
    settings = {
        **GOOD,
        "ACCOUNTS": {"east": {**GOOD, "TEST_MODE": True}},
        "KEEP_PAYLOAD_DAYS": 0,
        "RATES": f"{__name__}.RATES",
    }
    with override_settings(HAVN={**settings, "RATES": dict(RATES)}):
        assert configuration().rates == RATES
        assert list(sender().accounts) == ["default", "east"]
        assert list(sender(["east"]).accounts) == ["east"]
        assert store()._keep_payloads == 0
        assert "secret" not in repr(configuration())
        with pytest.raises(ImproperlyConfigured, match="has no 'west'"):
            sender(["west"])
    with override_settings(HAVN={**GOOD, "RATES": "integration.django.shop.models.rate"}):
        assert callable(configuration().rates)


def test_the_rest_of_the_sdk_needs_no_settings() -> None:
    """The package's names are loaded one by one, and one that there is not is missing as Python says it."""
    import havn_ext.integrations.django as package

    assert set(dir(package)) == set(package.__all__)
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = package.nothing  # type: ignore[attr-defined]
