from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import emails, secrets

from havn_ext._redaction import Secret, mask_email, redact
from havn_ext.config import resolve
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from havn_ext.config import Settings

labels = st.sampled_from(["token", "Secret", "signature", "api_key", "API-Key", "webhook_secret", "password"])
glue = st.sampled_from(["=", ": ", " = ", '": "', "': '"])
prose = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
shards = st.sampled_from(["@", "a", "****", "token=", "secret: ", "'", '"', ",", " ", ".", "x@y.z", "\n"])
texts = st.text(st.characters()) | st.lists(shards).map("".join)


def printed(settings: Settings) -> str:
    """Everything that prints of settings."""
    return f"{settings!r} {settings} {settings:} {settings.api_key!r} {settings.webhook_secret} {[*settings]}"


def told_of(credential: str) -> str:
    """Everything that prints when a credential is refused."""
    with pytest.raises(HAVNValidationError) as caught:
        resolve(api_key=credential, webhook_secret=credential, environ={})
    error = caught.value
    return f"{error} {error!r} {error.errors} {''.join(traceback.format_exception(error))}"


@given(before=prose, email=emails, after=prose)
def test_no_address_survives(before: str, email: str, after: str) -> None:
    """Whatever stands around an address, it is not in the redacted text."""
    assume(email not in before + after)
    assert email not in redact(f"{before} {email} {after}")


@given(before=prose, label=labels, mark=glue, secret=secrets, after=prose)
def test_no_labelled_credential_survives(before: str, label: str, mark: str, secret: str, after: str) -> None:
    """What is labelled a credential is not in the redacted text."""
    assume(secret not in f"{before} {label} {after} ****")
    assert secret not in redact(f"{before} {label}{mark}{secret}")


@given(before=prose, secret=secrets, after=prose, others=st.lists(secrets, max_size=2), data=st.data())
def test_no_given_secret_survives(
    before: str, secret: str, after: str, others: list[str], data: st.DataObject
) -> None:
    """A secret of the client is not in the redacted text, in whichever order the secrets are named."""
    known = data.draw(st.permutations([secret, *others]))
    assert secret not in redact(f"{before}{secret}{after}", known)


@given(text=texts)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    """What was redacted stays as it is."""
    assert redact(redact(text)) == redact(text)


@given(email=emails)
def test_a_masked_address_is_not_the_address(email: str) -> None:
    """Masking leaves the first letter and the domain, and is done once."""
    masked = mask_email(email)
    assert masked == f"{email[0]}****{email[email.index('@') :]}"
    assert mask_email(masked) == masked


@given(api_key=secrets, webhook_secret=secrets)
def test_no_credential_prints(api_key: str, webhook_secret: str) -> None:
    """Settings print the same whatever the credentials are."""
    settings = resolve(api_key=api_key, webhook_secret=webhook_secret, environ={})
    assert printed(settings) == printed(resolve(api_key="k", webhook_secret="s", environ={}))
    assert settings.api_key.reveal() == api_key
    assert settings.webhook_secret == Secret(webhook_secret)


@given(secret=secrets, flaw=st.sampled_from([" ", "\n", "\t", "é", "\x00"]), where=st.integers(0, 40))
def test_no_refused_credential_is_quoted(secret: str, flaw: str, where: int) -> None:
    """The error about a credential says the same of every credential with that flaw, and so does its traceback."""
    assert told_of(secret[:where] + flaw + secret[where:]) == told_of(f"a{flaw}b")
