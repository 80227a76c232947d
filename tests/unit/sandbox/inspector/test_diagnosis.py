from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sandbox_support import MISSING, SECRET, TRANSACTION, VOUCHERS, Caller, canonical, hand_signed, sale

from havn_ext.sandbox.inspector.diagnosis import Step, steps

if TYPE_CHECKING:
    from collections.abc import Callable

SPACED = json.dumps(sale()).encode()


def diagnosed(havn: Caller) -> list[Step]:
    """The steps of the newest request."""
    assert havn.app is not None
    log = havn.app.state.box.log
    return steps(log.get(log.last_id))


GOOD, WRONG, NOT = "good", "wrong", "not reached"

CASES: list[tuple[str, Callable[[Caller], Any], list[str], str]] = [
    ("good", lambda havn: havn.post(TRANSACTION, sale()), [GOOD] * 4, "as it was sent"),
    ("get", lambda havn: havn.get(VOUCHERS), [GOOD] * 4, "signs {}"),
    (
        "other spelling",
        lambda havn: havn.send("POST", TRANSACTION, SPACED, signed=canonical(sale())),
        [GOOD] * 4,
        "another spelling",
    ),
    (
        "raw bytes",
        lambda havn: havn.send("POST", TRANSACTION, SPACED, signed=SPACED),
        [GOOD, GOOD, GOOD, WRONG],
        "signed as they were sent",
    ),
    (
        "no key",
        lambda havn: havn.post(TRANSACTION, sale(), x_api_key=MISSING),
        [WRONG, NOT, NOT, NOT],
        "X-API-Key is missing",
    ),
    ("odd key", lambda havn: havn.post(TRANSACTION, sale(), x_api_key="no"), [WRONG, NOT, NOT, NOT], "No company"),
    (
        "no signature",
        lambda havn: havn.post(TRANSACTION, sale(), x_signature=MISSING),
        [GOOD, WRONG, NOT, NOT],
        "X-Signature is missing",
    ),
    (
        "odd signature",
        lambda havn: havn.post(TRANSACTION, sale(), x_signature="abc"),
        [GOOD, GOOD, GOOD, WRONG],
        "3 characters",
    ),
    (
        "no json",
        lambda havn: havn.send("POST", TRANSACTION, b"{", signed=b"{"),
        [GOOD, GOOD, WRONG, NOT],
        "not valid JSON",
    ),
]


@pytest.mark.parametrize(
    ("send", "states", "sentence"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_check_is_told_step_by_step(
    havn: Caller, send: Callable[[Caller], Any], states: list[str], sentence: str
) -> None:
    """Which step failed, why, and that those after it were not reached."""
    send(havn)
    found = diagnosed(havn)
    assert [step.state for step in found] == states
    assert sentence in " ".join(text for step in found for text in step.sentences)


def test_neither_secret_nor_right_signature_is_told(havn: Caller) -> None:
    """What would be right is said in words."""
    havn.post(TRANSACTION, sale(), x_signature="0" * 64)
    told = str(diagnosed(havn))
    assert "HMAC-SHA256 of the canonical form" in told
    assert SECRET not in told
    assert hand_signed(canonical(sale())) not in told


def test_what_was_not_checked_has_no_steps(havn: Caller) -> None:
    """A path of no operation is not checked."""
    havn.send("GET", "/nowhere", None)
    assert diagnosed(havn) == []
