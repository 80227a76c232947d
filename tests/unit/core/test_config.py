from __future__ import annotations

import os
from typing import Any

import pytest

from havn_ext._redaction import Secret
from havn_ext.config import Settings, changed, resolve
from havn_ext.errors import HAVNValidationError

CREDENTIALS = {"HAVN_API_KEY": "env_key", "HAVN_WEBHOOK_SECRET": "env_secret"}
UNCHANGED: dict[str, Any] = dict.fromkeys(("timeout", "max_retries", "backoff_factor", "test_mode"))

VARIABLES = {
    "base_url": "HAVN_BASE_URL",
    "timeout": "HAVN_TIMEOUT",
    "max_retries": "HAVN_MAX_RETRIES",
    "backoff_factor": "HAVN_BACKOFF_FACTOR",
    "bulk_limit": "USER_SYNC_BULK_MAX_SIZE",
}
NO_NUMBERS: list[Any] = ["soon", "1s", "nan", float("nan"), True, b"1", [1]]
WRONG: dict[str, list[Any]] = {
    "base_url": [
        "http://127.0.0.1:0",
        "https://havn.example:65536/base",
        "api.havn.com",
        "ftp://api.havn.com",
        "https://",
        "https:///path",
        "https://api.havn.com?x=1",
        "https://api.havn.com/#top",
        "https://key:secret@api.havn.com",
        "https://api.havn.com/\n",
        " https://api.havn.com",
        "https://api havn.com",
        "https://api.havn.com:port",
        "https://api.havn.com:443443",
        "https://[::1",
        "https://api..havn.com",
        "https://.",
        f"https://{'a' * 64}.havn.com",
        "https://api.havn.com/\x00",
        "https://hаvn.com",  # noqa: RUF001  a Cyrillic letter is the case
        443,
    ],
    "timeout": [*NO_NUMBERS, 0, -1, "-0.5", "0", float("inf"), "inf", 10**400],
    "max_retries": [*NO_NUMBERS, -1, 101, 1.5, "2.5", "inf", float("inf")],
    "backoff_factor": [*NO_NUMBERS, -1, "-0.1", "inf", float("inf")],
}


def settings(**arguments: Any) -> Settings:
    """Settings from arguments, with the credentials alone in the environment."""
    return resolve(**arguments, environ=CREDENTIALS)


def errors_of(environ: dict[str, str], **arguments: Any) -> dict[str, str]:
    """What is wrong with arguments and an environment."""
    with pytest.raises(HAVNValidationError) as caught:
        resolve(**arguments, environ=environ)
    return caught.value.errors


def test_the_defaults_are_havns() -> None:
    """With nothing but credentials, everything is as HAVN's documents say."""
    assert settings() == Settings(
        api_key=Secret("env_key"),
        webhook_secret=Secret("env_secret"),
        base_url=None,
        timeout=None,
        max_retries=3,
        backoff_factor=0.5,
        test_mode=False,
        bulk_limit=50,
    )


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("HAVN_API_KEY", "other_key", "api_key", Secret("other_key")),
        ("HAVN_WEBHOOK_SECRET", "other_secret", "webhook_secret", Secret("other_secret")),
        ("HAVN_BASE_URL", "http://127.0.0.1:8787/", "base_url", "http://127.0.0.1:8787"),
        ("HAVN_TIMEOUT", "2.5", "timeout", 2.5),
        ("HAVN_MAX_RETRIES", "0", "max_retries", 0),
        ("HAVN_BACKOFF_FACTOR", "0", "backoff_factor", 0.0),
        ("USER_SYNC_BULK_MAX_SIZE", "7", "bulk_limit", 7),
    ],
)
def test_each_variable_is_read(variable: str, text: str, field: str, value: Any) -> None:
    """A variable sets its field and no other."""
    found = resolve(environ=CREDENTIALS | {variable: text})
    assert found == settings()._replace(**{field: value})


@pytest.mark.parametrize("variable", [*VARIABLES.values(), "HAVN_TEST_MODE", ""])
def test_an_empty_variable_is_none(variable: str) -> None:
    """A variable that is set to nothing counts as unset."""
    assert resolve(environ=CREDENTIALS | {variable: ""}) == settings()


@pytest.mark.parametrize(
    ("argument", "value", "variable", "text"),
    [
        ("api_key", "arg_key", "HAVN_API_KEY", "not a key"),
        ("webhook_secret", "arg_secret", "HAVN_WEBHOOK_SECRET", "not a secret"),
        ("base_url", "https://havn.example", "HAVN_BASE_URL", "nonsense"),
        ("timeout", 5.0, "HAVN_TIMEOUT", "nonsense"),
        ("max_retries", 5, "HAVN_MAX_RETRIES", "nonsense"),
        ("backoff_factor", 5.0, "HAVN_BACKOFF_FACTOR", "nonsense"),
    ],
)
def test_an_argument_beats_its_variable(argument: str, value: Any, variable: str, text: str) -> None:
    """Where an argument is given, its variable is not even looked at."""
    found = getattr(resolve(**{argument: value}, environ=CREDENTIALS | {variable: text}), argument)
    assert (found.reveal() if isinstance(found, Secret) else found) == value


def test_the_environment_is_the_process_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping of their own, settings come from `os.environ` as it is at that moment."""
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    for variable, value in CREDENTIALS.items():
        monkeypatch.setitem(os.environ, variable, value)
    assert resolve() == settings()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://api.havn.com", "https://api.havn.com"),
        ("https://api.havn.com///", "https://api.havn.com"),
        ("HTTPS://API.HAVN.COM/base/", "HTTPS://API.HAVN.COM/base"),
        ("http://havn_sandbox:8787/v1", "http://havn_sandbox:8787/v1"),
        ("http://[::1]:8787", "http://[::1]:8787"),
        ("https://api.havn.com.:443", "https://api.havn.com.:443"),
    ],
)
def test_a_base_url_may_have_a_port_and_a_path(given: str, kept: str) -> None:
    """An address is kept without the slash at its end."""
    assert settings(base_url=given).base_url == kept


@pytest.mark.parametrize(
    ("argument", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_argument_is_named(argument: str, value: Any) -> None:
    """An argument that will not do is named, and nothing else is."""
    errors = errors_of(CREDENTIALS, **{argument: value})
    assert list(errors) == [argument]
    assert errors[argument].startswith("must be ")


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        *[(name, value) for name, values in WRONG.items() for value in values if isinstance(value, str)],
        *[("bulk_limit", text) for text in ("0", "51", "-1", "1.5", "many")],
    ],
)
def test_a_wrong_variable_is_named(argument: str, text: str) -> None:
    """A variable that will not do is named, since that is where to mend it."""
    errors = errors_of(CREDENTIALS | {VARIABLES[argument]: text})
    assert list(errors) == [argument]
    assert errors[argument].startswith(f"{VARIABLES[argument]} must be ")


@pytest.mark.parametrize("value", [1, "yes", 0])
def test_test_mode_is_a_switch(value: Any) -> None:
    """Test mode is True or False: a text would be on whatever it says."""
    assert errors_of(CREDENTIALS, test_mode=value) == {"test_mode": "must be True or False"}


@pytest.mark.parametrize(
    ("argument", "variable"), [("api_key", "HAVN_API_KEY"), ("webhook_secret", "HAVN_WEBHOOK_SECRET")]
)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (" s3cret-value", "contains white space"),
        ("s3cret-value\n", "contains white space"),
        ("s3cret\r\nX-Injected: value", "contains white space"),
        ("s3cret\u00a0value", "contains white space"),
        ("s3cret-välue", "only printable ASCII"),
        ("s3cret\u200bvalue", "only printable ASCII"),
        ("s3cret\x00value", "only printable ASCII"),
        ("“s3cret-value”", "only printable ASCII"),
    ],
)
def test_a_credential_that_no_header_can_carry_is_refused(
    argument: str, variable: str, value: str, reason: str
) -> None:
    """White space and characters beyond ASCII are named at once, before they are a 401, and not shown."""
    for origin, errors in (
        ("", errors_of(CREDENTIALS, **{argument: value})),
        (f"{variable} ", errors_of(CREDENTIALS | {variable: value})),
    ):
        assert list(errors) == [argument]
        assert errors[argument].startswith(f"{origin}contains")
        assert reason in errors[argument]
        assert "s3cret" not in errors[argument]


@pytest.mark.parametrize("environ", [{}, dict.fromkeys(CREDENTIALS, "")])
def test_a_missing_credential_says_where_to_put_it(environ: dict[str, str]) -> None:
    """What is missing is named with its argument and its variable, both credentials at once."""
    assert errors_of(environ) == {
        "api_key": "is missing: pass api_key=... or set HAVN_API_KEY",
        "webhook_secret": "is missing: pass webhook_secret=... or set HAVN_WEBHOOK_SECRET",
    }


@pytest.mark.parametrize(("value", "reason"), [("", "must not be empty"), (b"bytes", "must be a str, not bytes")])
def test_a_credential_is_text(value: Any, reason: str) -> None:
    """An argument that is empty or no text is a fault; the variable does not step in for it."""
    assert errors_of(CREDENTIALS, api_key=value) == {"api_key": reason}


def test_everything_wrong_is_named_at_once() -> None:
    """One error lists every argument and variable that is missing or wrong."""
    environ = {"HAVN_API_KEY": "a b", "HAVN_TIMEOUT": "soon", "USER_SYNC_BULK_MAX_SIZE": "51"}
    errors = errors_of(environ, base_url="havn", max_retries=-1, backoff_factor=-1)
    assert list(errors) == [
        "api_key",
        "webhook_secret",
        "base_url",
        "timeout",
        "max_retries",
        "backoff_factor",
        "bulk_limit",
    ]


@pytest.mark.parametrize(
    ("option", "value"), [("timeout", 5.0), ("max_retries", 0), ("backoff_factor", 0.0), ("test_mode", True)]
)
def test_an_option_is_changed_alone(option: str, value: Any) -> None:
    """Changed settings differ in what was given, and the old ones stay."""
    old = settings()
    assert changed(old, **UNCHANGED | {option: value}) == old._replace(**{option: value})
    assert old == settings()


def test_nothing_changed_is_the_same() -> None:
    """None leaves an option as it is, test mode too."""
    old = settings(timeout=5, test_mode=True)
    assert changed(old, **UNCHANGED) == old


def test_wrong_changes_are_named_at_once() -> None:
    """One error lists every option that is wrong."""
    with pytest.raises(HAVNValidationError) as caught:
        changed(settings(), timeout=0, max_retries=-1, backoff_factor=-1, test_mode="on")  # type: ignore[arg-type]
    assert list(caught.value.errors) == ["timeout", "max_retries", "backoff_factor", "test_mode"]
