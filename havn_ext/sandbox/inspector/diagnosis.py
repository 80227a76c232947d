"""How the sandbox checked a request's signature, step by step and in words; no secret, no right signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from havn_ext.sandbox.inspector.masking import fingerprint, masked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from havn_ext.sandbox.messages import Detail
    from havn_ext.sandbox.request_log import Entry

__all__ = ["Step", "steps"]

State: TypeAlias = Literal["good", "wrong", "not reached"]

_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")


@attrs.frozen
class Step:
    """One step of the check, and what it came to."""

    title: str
    state: State
    sentences: tuple[str, ...] = ()


def steps(entry: Entry) -> list[Step]:
    """The steps in the order in which the sandbox takes them; none for a request that it did not check."""
    if entry.operation is None or entry.verdict == "limited":
        return []
    done: list[Step] = []
    for check in (_api_key, _signature_header, _canonical_form, _comparison):
        step = check(entry)
        reached = all(earlier.state == "good" for earlier in done)
        done.append(step if reached else Step(step.title, "not reached"))
    return done


def _api_key(entry: Entry) -> Step:
    wrong = _messages(entry.signature, "/X-API-Key")
    if wrong or entry.company is None:
        return Step("Whose request it is", "wrong", wrong)
    name = f"{masked(entry.company)} ({fingerprint(entry.company)})"
    return Step("Whose request it is", "good", (f"X-API-Key is that of the company {name}.",))


def _signature_header(entry: Entry) -> Step:
    received = next((value for name, value in entry.request_headers if name.lower() == "x-signature"), None)
    if received is None:
        return Step("What was received", "wrong", _messages(entry.signature, "/X-Signature"))
    shape = (
        "64 hexadecimal digits in lower case, as a signature should be"
        if _SIGNATURE.fullmatch(received)
        else f"{len(received)} characters; a signature has 64 hexadecimal digits in lower case"
    )
    return Step("What was received", "good", (f"X-Signature came with {shape}.",))


def _canonical_form(entry: Entry) -> Step:
    title = "What should be signed"
    if entry.canonical is None:
        unread = _messages(entry.validation, "")
        return Step(title, "wrong" if unread else "not reached", unread)
    if not entry.request_body.size:
        return Step(title, "good", ("A request without a body signs {}.",))
    if entry.request_body == entry.canonical:
        return Step(title, "good", (f"The body as it was sent: its {entry.canonical.size} bytes are canonical.",))
    return Step(
        title,
        "good",
        (
            f"The canonical form of the body: {entry.canonical.size} bytes; sorted keys, no white space, ASCII.",
            f"The body was sent in another spelling of {entry.request_body.size} bytes, which is allowed.",
        ),
    )


def _comparison(entry: Entry) -> Step:
    title = "What was signed"
    if not entry.signature:
        return Step(title, "good", ("The canonical form, with the company's webhook secret.",))
    right = (
        "Right is the HMAC-SHA256 of the canonical form, keyed with the webhook secret, in lower-case hexadecimal."
    )
    return Step(title, "wrong", (*_messages(entry.signature, "/X-Signature"), right))


def _messages(details: Iterable[Detail], path: str) -> tuple[str, ...]:
    return tuple(f"{detail.message}." for detail in details if detail.path == path)
