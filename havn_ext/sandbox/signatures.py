"""Signatures: checked as HAVN checks them, and explained when they are wrong.

A signature is good when it is the HMAC-SHA256 of the canonical form of the JSON that was parsed: how the
body was spelt does not matter, and a signature over the bytes as sent is refused unless they are canonical.
A refusal tries the usual mistakes and names those that fit. It tells neither secret nor right signature.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Final

from havn_ext.sandbox.messages import Detail, RefusedError
from havn_ext.signing import canonical_json, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from havn_ext.sandbox.companies import Company

__all__ = ["check"]


def _spelling(
    *, sort_keys: bool, separators: tuple[str, str], ensure_ascii: bool = True
) -> Callable[[object], bytes]:
    encoder = json.JSONEncoder(sort_keys=sort_keys, separators=separators, ensure_ascii=ensure_ascii)
    return lambda document: encoder.encode(document).encode()


_COMPACT: Final = (",", ":")
_SPACED: Final = (", ", ": ")

_WRONG_SPELLINGS: Final = (
    (
        "unsorted_keys",
        "The keys were not sorted: sort them at every level",
        _spelling(sort_keys=False, separators=_COMPACT),
    ),
    (
        "separators",
        "The JSON was signed with spaces: use the separators , and : without white space",
        _spelling(sort_keys=True, separators=_SPACED),
    ),
    (
        "separators",
        "The JSON was signed with spaces and unsorted keys: sort them, and use the separators , and :",
        _spelling(sort_keys=False, separators=_SPACED),
    ),
    (
        "unescaped",
        "Non-ASCII characters were not escaped: write them as \\uXXXX",
        _spelling(sort_keys=True, separators=_COMPACT, ensure_ascii=False),
    ),
)


def check(
    raw: bytes, document: object, signature: str, company: Company, other_secrets: Callable[[], Iterable[str]]
) -> None:
    """Accept a good signature; refuse any other (401) with what was probably wrong.

    Args:
        raw: The body as it was sent.
        document: The body parsed; `{}` for a GET.
        signature: The header `X-Signature`.
        company: Who claims to call.
        other_secrets: Gives the secrets of other companies; asked only when the signature is wrong.
    """
    canonical = canonical_json(document)
    if _same(signature, sign(canonical, company.webhook_secret)):
        return
    details = [
        Detail("header", "/X-Signature", rule, message)
        for rule, message in _mistakes(raw, document, signature, company, other_secrets())
    ] or [Detail("header", "/X-Signature", "secret", "Another secret was used, or the body was changed on its way")]
    raise RefusedError(
        401,
        "The signature does not fit the body: sign its canonical JSON with the webhook secret",
        error="invalid_signature",
        details=tuple(details),
    )


def _mistakes(
    raw: bytes, document: object, signature: str, company: Company, others: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """The usual mistakes that give this very signature, each as a rule and a sentence."""
    secret, canonical = company.webhook_secret, canonical_json(document)
    if _same(signature.lower(), sign(canonical, secret)):
        yield "upper_case", "The signature is in upper case: write hexadecimal digits in lower case"
    if _same(signature, sign(raw, secret)):
        yield _raw_mistake(raw)
    for spelling, mistake in _wrong_spellings(document).items():
        if _same(signature, sign(spelling, secret)):
            yield mistake
    if any(_same(signature, sign(canonical, other)) for other in _padded(secret)):
        yield "secret_white_space", "The secret was used with white space around it, such as a newline"
    if _same(signature, sign(canonical, company.api_key)):
        yield "api_key_as_secret", "The API key was used as the secret"
    if any(_same(signature, sign(canonical, other)) for other in others):
        yield "other_company", "The secret of another company was used"


def _wrong_spellings(document: object) -> dict[bytes, tuple[str, str]]:
    """Each other spelling of a document with the mistake that makes it, the simplest one if several do."""
    spellings: dict[bytes, tuple[str, str]] = {}
    for rule, message, spell in _WRONG_SPELLINGS:
        spellings.setdefault(spell(document), (rule, message))
    return spellings


def _raw_mistake(raw: bytes) -> tuple[str, str]:
    if raw:
        return "raw_bytes", "The bytes were signed as they were sent: sign the canonical form of the JSON"
    return "empty_body", "Nothing was signed: a request without a body signs {}"


def _padded(secret: str) -> Iterator[str]:
    """The secret as it is read from a carelessly written file or variable."""
    return (f"{before}{secret}{after}" for before in ("", " ") for after in ("", " ", "\n", "\r\n"))


def _same(received: str, expected: str) -> bool:
    """Whether they are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(received.encode("utf-8", "surrogateescape"), expected.encode())
