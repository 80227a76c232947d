"""Messages as data: to be written, claimed for delivery, marked with what became of them, shown to people."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import attrs

from havn_ext.signing import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.outbox.states import Kind, State

__all__ = ["Claim", "Mark", "NewMessage", "StoredMessage", "digest", "fit_to_store"]

MICROSECONDS = 1_000_000


def digest(payload: str) -> str:
    """The SHA-256 of a payload, in hexadecimal; ours are ASCII, what somebody made of one may not be."""
    return hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()


def fit_to_store(text: str) -> str:
    """A text for people as every database can hold it: without NUL, and without half a surrogate pair."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


@attrs.frozen
class NewMessage:
    """A message that was found right and is to be written.

    Attributes:
        account: Which company of HAVN's it belongs to.
        kind: What it reports.
        key: What tells whether two messages are the same one: a transaction's payment id.
        order_key: Messages with the same one are delivered one after the other.
        payload: The canonical JSON, byte for byte what will be signed and sent.
    """

    account: str
    kind: Kind
    key: str
    order_key: str | None
    payload: str = attrs.field(repr=False)

    @classmethod
    def of(cls, account: str, kind: Kind, key: str, order_key: str | None, body: Mapping[str, Any]) -> NewMessage:
        """The message whose payload is the canonical form of a JSON object."""
        return cls(account, kind, key, order_key, canonical_json(body).decode("ascii"))

    @property
    def sha256(self) -> str:
        """The hash of the payload."""
        return digest(self.payload)


@attrs.frozen
class Claim:
    """A message that a worker holds a lease on.

    Attributes:
        id: The message's.
        epoch: Counts the leases of the message; whatever an earlier one says of it no longer counts.
        attempts: Deliveries that came to an end.
        claims: Leases that were not given back, this one included.
        age: Seconds since it was enqueued, by the store's clock.
        ambiguous_for: Seconds since HAVN may first have processed it without our knowing; None if it can't have.
        ordered: Whether others may wait for it.
    """

    id: int
    epoch: int
    account: str
    kind: Kind
    key: str = attrs.field(repr=False)
    payload: str = attrs.field(repr=False)
    sha256: str = attrs.field(repr=False)
    attempts: int = 0
    claims: int = 1
    age: float = 0.0
    ambiguous_for: float | None = None
    ordered: bool = False

    @property
    def intact(self) -> bool:
        """Whether the payload is what was enqueued."""
        return digest(self.payload) == self.sha256


@attrs.frozen(kw_only=True)
class Mark:
    """What becomes of a claimed message.

    Attributes:
        id: The message's.
        epoch: That of the claim; unless HAVN said yes, the mark counts only while it is the newest.
        state: The state from now on.
        delay: Seconds until it is due again, if it is to be.
        attempted: Whether an attempt was spent; else the claim is given back, as if it had never been made.
        ambiguous: Whether HAVN may have processed it.
        status: HTTP status of the answer.
        error: What went wrong, for people.
        response: HAVN's answer as JSON, of a success.
    """

    id: int
    epoch: int
    state: State
    delay: float = 0.0
    attempted: bool = True
    ambiguous: bool = False
    status: int | None = None
    error: str | None = None
    response: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class StoredMessage:
    """A message as it stands in the outbox. Moments are seconds since 1970-01-01 UTC.

    Attributes:
        id: The message's.
        account: Which company of HAVN's it belongs to.
        kind: What it reports.
        key: A transaction's payment id.
        order_key: Messages with the same one are delivered one after the other.
        state: As stored; see `leased_by` for whether a pending one is in delivery.
        payload: The canonical JSON; None once it was purged.
        sha256: Its hash, which is never purged before the message.
        attempts: Deliveries that came to an end.
        claims: Leases that were not given back.
        available_at: When it is due, or when its lease lapses.
        leased_by: The worker that has it.
        ambiguous_at: When HAVN may first have processed it without our knowing.
        created_at: When it was enqueued.
        finished_at: When it came to its end.
        last_status: HTTP status of the last answer.
        last_error: What went wrong the last time.
        response: HAVN's answer; None once it was purged.
    """

    id: int
    account: str
    kind: Kind
    key: str
    order_key: str | None
    state: State
    payload: str | None = attrs.field(repr=False)
    sha256: str
    attempts: int
    claims: int
    available_at: float
    leased_by: str | None
    ambiguous_at: float | None
    created_at: float
    finished_at: float | None
    last_status: int | None
    last_error: str | None
    response: str | None = attrs.field(repr=False)
