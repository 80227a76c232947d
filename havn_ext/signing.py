"""HAVN's signature: canonical JSON, HMAC-SHA256 over it, and checking one that was received.

The canonical form of a JSON value has the keys of every object sorted, no white space, and every
non-ASCII character escaped. HAVN computes it from the JSON that it parsed, so the spelling of a body does
not matter to a verifier; the SDK sends the canonical bytes themselves, which satisfy a verifier that
hashes raw bytes as well. Pure functions; no HTTP library is needed. Source: HAVN's published clients.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from havn_ext._guards import is_json_object
from havn_ext.errors import HAVNValidationError

__all__ = ["EMPTY_BODY", "Signer", "canonical_json", "sign", "verify"]

EMPTY_BODY = b"{}"
"""What a request without a body signs: every GET."""

_CONTAINERS: Final = (dict, list, tuple)

_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def canonical_json(value: object) -> bytes:
    """The canonical form of a JSON value, as ASCII bytes.

    It depends on the value alone: `canonical_json(json.loads(spelling))` is the same for every spelling of
    one JSON text. Mind that `1` and `1.0` are different values here.

    Args:
        value: What `json.loads` gives: None, a bool, number or str, or lists and dicts of such.

    Raises:
        HAVNValidationError: `value` has no JSON form: NaN or infinity, a key that is no string or spells a
            character as two surrogates, a type that JSON lacks, a cycle, or nesting too deep.
    """
    try:
        text = _encode(value)
        _refuse_keys_that_change(value)
    except (TypeError, ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise HAVNValidationError(errors={"body": f"has no canonical JSON form: {reason}"}) from None
    return text.encode("ascii")


def _refuse_keys_that_change(value: object) -> None:
    """Keys that a parser reads as others may sort differently then, so the result would not be canonical.

    `json` writes the key 1 as "1" after sorting it as a number, and reads two surrogates as one character.
    """
    pending: list[Any] = [value] if isinstance(value, _CONTAINERS) else []
    while pending:
        item = pending.pop()
        if is_json_object(item):
            _refuse_odd_keys(item)
            pending.extend([each for each in item.values() if isinstance(each, _CONTAINERS)])
        else:
            pending.extend([each for each in item if isinstance(each, _CONTAINERS)])


def _refuse_odd_keys(keys: Mapping[Any, object]) -> None:
    try:
        together = "".join(keys)
    except TypeError:
        odd = next(key for key in keys if not isinstance(key, str))
        raise TypeError(f"a key is {type(odd).__name__}, not a string") from None
    if not together.isascii() and any(_joined(key) != key for key in keys):
        raise ValueError("a key spells a character as two surrogates")


def _joined(text: str) -> str:
    """`text` as a JSON parser reads it: a pair of surrogates is the character that it spells."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def sign(body: bytes, secret: str | bytes) -> str:
    """The lower-case hexadecimal HMAC-SHA256 of exactly these bytes.

    Args:
        body: The canonical JSON of the request's body; `EMPTY_BODY` for a GET.
        secret: The webhook secret.

    Raises:
        HAVNValidationError: The secret is empty.
    """
    return Signer(secret).sign(body)


class Signer:
    """Signs as `sign` does, with a secret that is prepared once. Any number of threads may.

    Args:
        secret: The webhook secret.

    Raises:
        HAVNValidationError: The secret is empty.
    """

    def __init__(self, secret: str | bytes) -> None:
        self._keyed = hmac.new(_key(secret), digestmod="sha256")

    def sign(self, body: bytes) -> str:
        """The lower-case hexadecimal HMAC-SHA256 of exactly these bytes."""
        keyed = self._keyed.copy()
        keyed.update(body)
        return keyed.hexdigest()


def verify(
    body: str | bytes,
    signature: str | bytes | None,
    secrets: str | bytes | Iterable[str | bytes],
) -> bool:
    """Whether `signature` is HAVN's signature of `body` under any of `secrets`.

    What comes from outside (`body`, `signature`) can only make the answer False, never an exception; what
    comes from the program (`secrets`, a body of the wrong type) raises. Takes the same time for every wrong
    signature of the usual length.

    Args:
        body: The received body as it came, not parsed. An empty one counts as `{}`, as for a GET.
        signature: The received `X-Signature`; None when the header is missing.
        secrets: The webhook secret, or several while it is being rotated.

    Raises:
        HAVNValidationError: There is no secret, one is empty, or `body` is neither str nor bytes.
    """
    if not isinstance(secrets, Iterable):
        secrets = [secrets]  # None or the like, which `_key` refuses
    keys = [_key(secret) for secret in ([secrets] if isinstance(secrets, (str, bytes)) else secrets)]
    if not keys:
        raise HAVNValidationError(errors={"secrets": "at least one webhook secret is needed"})
    if not isinstance(body, (str, bytes)):
        raise HAVNValidationError(
            errors={"body": f"must be the received str or bytes, not {type(body).__name__}: pass it unparsed"}
        )
    message = _canonical_form_of(body)
    received = _as_bytes(signature)
    if message is None or received is None:
        return False
    return any([hmac.compare_digest(sign(message, key).encode("ascii"), received) for key in keys])  # noqa: C419  a list: every key is tried, whichever fits


def _key(secret: str | bytes) -> bytes:
    if not isinstance(secret, (str, bytes)):
        raise HAVNValidationError(errors={"secrets": f"must be str or bytes, not {type(secret).__name__}"})
    key = secret.encode("utf-8", "surrogatepass") if isinstance(secret, str) else secret
    if not key:
        raise HAVNValidationError(errors={"secrets": "a webhook secret must not be empty"})
    return key


def _as_bytes(signature: str | bytes | None) -> bytes | None:
    if isinstance(signature, str):
        return signature.encode("utf-8", "replace")
    return signature if isinstance(signature, bytes) else None


def _canonical_form_of(body: str | bytes) -> bytes | None:
    """The canonical form of a received body; None when it is not JSON."""
    try:
        return canonical_json(json.loads(body)) if body.strip() else EMPTY_BODY
    except (ValueError, RecursionError):
        return None
