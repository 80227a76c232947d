"""Who may call: the key and the signature, one at a time, and what exactly is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from harness import examples
from harness.signer import Signer, body_of
from harness.spec import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.target import Target
    from requests import PreparedRequest

HEADERS = ("X-API-Key", "X-Signature")
every_operation = pytest.mark.parametrize("operation_id", OPERATIONS)


@every_operation
def test_good_credentials_are_accepted(operation_id: str, sandbox: Target) -> None:
    """The call that the tests below spoil succeeds as it is."""
    assert sandbox.call(operation_id, **examples.good(operation_id)).accepted


@every_operation
@pytest.mark.parametrize("spoil", examples.SPOILT_CREDENTIALS)
def test_each_credential_counts(operation_id: str, spoil: str, sandbox: Target) -> None:
    """One wrong or missing credential is enough for a 401, however right the other one is."""
    signer = examples.SPOILT_CREDENTIALS[spoil](sandbox.signer)
    assert sandbox.call(operation_id, **examples.good(operation_id), signer=signer).status == 401


@every_operation
def test_a_signature_belongs_to_its_company(operation_id: str, sandbox: Target) -> None:
    """The key of one company does not open with the secret of another, which the sandbox knows as well."""
    other = sandbox.as_company("test_neighbour")
    sandbox.call("syncUsers", {"email": "a@b.example", "name": "A"}, signer=other)
    mixed = attrs.evolve(sandbox.signer, secret=other.secret)
    assert sandbox.call(operation_id, **examples.good(operation_id), signer=mixed).status == 401


@attrs.frozen
class _Speller(Signer):
    """Sends a body in a spelling of its own."""

    spell: Callable[[Any], str] = json.dumps
    signs_bytes: bool = False

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        document = json.loads(body_of(request) or b"{}")
        request.prepare_body(self.spell(document).encode(), None)
        return super().__call__(request)

    def _signature(self, body: bytes) -> str:
        if not self.signs_bytes:
            return super()._signature(body)
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()


SPELLINGS: dict[str, Callable[[Any], str]] = {
    "spaced": json.dumps,
    "indented": lambda document: json.dumps(document, indent=2),
    "unescaped": lambda document: json.dumps(document, ensure_ascii=False),
    "in another order": lambda document: json.dumps(dict(reversed(document.items()))),
}
NON_ASCII = {"email": "elodie@example.com", "name": "Élodie 😀", "project_id": "é"}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_json_is_signed(spelling: str, sandbox: Target) -> None:
    """However a body is spelt, the signature of its canonical form is good."""
    signer = _Speller(**attrs.asdict(sandbox.signer), spell=SPELLINGS[spelling])
    assert sandbox.call("syncUsers", NON_ASCII, signer=signer).accepted


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_bytes_are_not_signed(spelling: str, sandbox: Target) -> None:
    """The signature of the bytes as sent is refused unless they are the canonical form."""
    signer = _Speller(**attrs.asdict(sandbox.signer), spell=SPELLINGS[spelling], signs_bytes=True)
    assert sandbox.call("syncUsers", NON_ASCII, signer=signer).status == 401


def test_the_query_is_not_signed(sandbox: Target) -> None:
    """A GET signs `{}` whatever its query."""
    assert sandbox.call("listVouchers", query={"page": 2}).accepted
    assert sandbox.call("listVouchers", query={"page": 3, "search": "é"}).accepted
