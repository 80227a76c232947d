"""HAVN's own documents are what users know today: their complete examples run, with nothing changed.

`tests/data/havn_documents.json` quotes every fenced Python block of the transaction webhook document and of
the integration flow, in order. A block is complete when it names both identifiers that a transaction needs.
"""

from __future__ import annotations

import ast
import json
import os
import re
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from havn_ext.sandbox import SandboxConfig, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTS: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[1] / "data" / "havn_documents.json").read_text(encoding="utf-8")
)
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

IDENTIFIERS = {
    "the payment's id": ("payment_gateway_transaction_id", "invoice_id"),
    "the customer": ("customer_email", "customer_id"),
}

LEFT_OUT = {
    ("transaction-webhook", 1): "not a program: the signature of send(), and not valid Python",
}

NO_PAYMENT_ID, NEITHER = "lacks the payment's id", "lacks the payment's id and the customer"


def verdict(document: str, number: int, code: str) -> str:
    """`runs`, or why a block is left out."""
    if (document, number) in LEFT_OUT:
        return LEFT_OUT[document, number]
    lacking = [what for what, names in IDENTIFIERS.items() if not any(name in code for name in names)]
    return f"lacks {' and '.join(lacking)}" if lacking else "runs"


VERDICTS = {
    (document, number): verdict(document, number, code)
    for document, blocks in DOCUMENTS.items()
    for number, code in enumerate(blocks, 1)
}


def test_every_block_is_accounted_for() -> None:
    """Each block of the two documents runs, or is left out for a reason that is said."""
    for (document, number), why in VERDICTS.items():
        print(f"{document} {number:>2}: {why}")  # noqa: T201  the list that `pytest -s` shows
    running = [place for place, why in VERDICTS.items() if why == "runs"]
    assert running == [
        *(("transaction-webhook", number) for number in range(6, 13)),
        *(("integration-flow", number) for number in (9, 15, 17)),
    ]
    others = {why for place, why in VERDICTS.items() if place not in running and place not in LEFT_OUT}
    assert others == {NO_PAYMENT_ID, NEITHER}


def test_the_signature_that_is_left_out_is_no_python() -> None:
    """What is left out as not valid Python really is not."""
    for document, number in LEFT_OUT:
        with pytest.raises(SyntaxError):
            ast.parse(DOCUMENTS[document][number - 1])


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """A sandbox that the documents' placeholder credentials open."""
    with SandboxServer(SandboxConfig(seed="demo", api_key="...", webhook_secret="...")) as server:
        monkeypatch.setenv("HAVN_BASE_URL", server.url)
        monkeypatch.setenv("HAVN_API_KEY", "...")
        monkeypatch.setenv("HAVN_WEBHOOK_SECRET", "...")
        yield server


def run(document: str, number: int, namespace: dict[str, Any]) -> dict[str, Any]:
    """Executes a block as it stands."""
    code = DOCUMENTS[document][number - 1]
    exec(compile(code, f"{document} block {number}", "exec"), namespace)  # noqa: S102  that is the test
    return namespace


@pytest.mark.usefixtures("sandbox")
def test_the_transaction_document_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Every complete example of the transaction document runs and prints what it promises."""
    namespace: dict[str, Any] = {"__name__": "transaction_document"}
    printed = {}
    for number in range(6, 13):
        run("transaction-webhook", number, namespace)
        printed[number] = capsys.readouterr().out
    assert "Total Commission: $12.00\nDistributed to 5 levels" in printed[6]
    assert printed[7] == "Discount: $20.00\n"
    assert printed[8].startswith("Amount (raw): Rp 1,000,000\nCommission (USD): $")
    assert printed[9] == "Order ID: ORD123456\n"
    assert printed[10] == ""  # a local voucher is never sent, so nobody misses it
    assert printed[11] == "Total Sales: $450.00\nTotal Commissions: $54.00\n"
    assert printed[12].startswith("Test transaction: ")


class Payment(SimpleNamespace):
    """The application's own payment, as the integration flow imagines it."""

    def save(self) -> None:
        """Would go to the application's database."""
        self.saved = True


def payment() -> Payment:
    """A completed payment of a project below HAVN-MJ-001."""
    return Payment(
        id=7,
        status="completed",
        amount_cents=100_000,
        currency="USD",
        invoice_number="INV-7",
        customer_id=42,
        voucher_code=None,
        order_id=9,
        payment_method="card",
        project=SimpleNamespace(id=1, upline_referral_code="HAVN-MJ-001"),
    )


@pytest.mark.usefixtures("sandbox")
def test_the_payment_function_of_the_integration_flow_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The integration flow's payment function reports the transaction and stores HAVN's id of it."""
    namespace = run("integration-flow", 9, {"os": os})
    paid = payment()
    result = namespace["process_payment"](paid)
    assert paid.saved
    assert paid.havn_synced
    assert paid.havn_transaction_id == result.transaction.transaction_id
    assert "Commission distributed: True" in capsys.readouterr().out


@pytest.mark.usefixtures("sandbox")
def test_the_django_service_of_the_integration_flow_runs() -> None:
    """The integration flow's Django service reports the transaction, whatever models it is given."""
    service = run("integration-flow", 15, {"__name__": "havn_service"})["HAVNService"]()
    paid = payment()
    result = service.send_transaction(paid)
    assert result.total_commission == 12_000
    assert paid.havn_transaction_id == result.transaction.transaction_id


@pytest.mark.usefixtures("sandbox")
def test_the_flask_application_of_the_integration_flow_runs() -> None:
    """The integration flow's Flask application syncs a project's owner and reports its payment."""
    app = run("integration-flow", 17, {"__name__": "app"})["app"].test_client()
    created = app.post("/api/projects", json={"project_name": "Shop", "upline_referral_code": "HAVN-MJ-001"})
    assert created.status_code == 201
    synced = app.post("/api/projects/1/sync", json={"email": "owner@shop.example", "name": "Own Er"})
    assert synced.json["referral_code"].startswith("HAVN-OE-")
    paid = app.post(
        "/api/payments",
        json={
            "project_id": 1,
            "amount_cents": 100_000,
            "currency": "USD",
            "status": "completed",
            "invoice_id": "INV-1",
            "customer_id": 3,
        },
    )
    assert paid.status_code == 201
    assert paid.json["havn_transaction_id"]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="HAVN's documents are not beside this checkout")
def test_the_quotation_is_exact() -> None:
    """Where HAVN's documents lie beside the checkout, the quoted blocks are theirs to the letter."""
    for document, blocks in DOCUMENTS.items():
        text = (SEEDS / f"{document}.md").read_text(encoding="utf-8")
        quoted = re.findall(r"^[ \t]*```python\n(.*?)^[ \t]*```", text, re.DOTALL | re.MULTILINE)
        assert [textwrap.dedent(block) for block in quoted] == blocks
