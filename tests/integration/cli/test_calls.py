"""The commands that make one call, against the sandbox over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_support import serving

from havn_ext.signing import canonical_json, sign

if TYPE_CHECKING:
    from pathlib import Path

    from cli_support import Typing

    from havn_ext.testing import SandboxCompany

SALE = ("--amount", "10000", "--payment-id", "pay_1", "--customer-email", "customer@example.com")
TREE = ("--referral-code", "HAVN-MJ-001")


def test_a_transaction_is_sent(havn: Typing) -> None:
    """The transaction and the commission of each level are shown, in whole currency units."""
    said = havn("transactions", "send", *SALE, *TREE)
    assert (said.code, said.err) == (0, "")
    assert "100.00 USD" in said.out
    assert [line.split()[2:4] for line in said.out.splitlines()[-5:]] == [
        ["5", "5.00"],
        ["3", "3.00"],
        ["2", "2.00"],
        ["1", "1.00"],
        ["1", "1.00"],
    ]


def test_havns_answer_is_the_document(havn: Typing) -> None:
    """`--json` prints what HAVN answered, whole."""
    document = havn("transactions", "send", *SALE, *TREE, "--json").document
    assert document["total_commission"] == 1200
    assert [each["amount"] for each in document["commissions"]] == [500, 300, 200, 100, 100]


def test_a_repeated_transaction_is_said_to_be_one(havn: Typing) -> None:
    """A payment that HAVN knew already is no failure, and is called what it is."""
    havn("transactions", "send", *SALE)
    said = havn("transactions", "send", *SALE)
    assert (said.code, "HAVN knew this payment already" in said.out) == (0, True)


def test_custom_fields_have_types(havn: Typing, company: SandboxCompany) -> None:
    """NAME=TEXT is text whatever it looks like, NAME:=VALUE a number or a truth value."""
    fields = [f"--custom-field={entry}" for entry in ("plan=5", "seats:=5", "trial:=true", "note=a=b")]
    assert havn("transactions", "send", *SALE, *fields).code == 0
    (call,) = company.requests(operation="sendTransaction")
    body = json.loads(company.request(call["id"])["request"]["body"]["text"])
    assert body["custom_fields"] == {"plan": "5", "seats": 5, "trial": True, "note": "a=b"}


@pytest.mark.parametrize("entry", ["plan", "=x", "seats:=five", "seats:=", ":=5", f"seats:={'[' * 100_000}"])
def test_a_custom_field_that_is_none_is_wrong_usage(havn: Typing, entry: str) -> None:
    """It is told by what it must be, and nothing is sent."""
    said = havn("transactions", "send", *SALE, "--custom-field", entry)
    assert (said.code, "--custom-field" in said.err) == (2, True)


def test_advice_is_in_the_words_of_a_command_line(havn: Typing) -> None:
    """Rupiah without a conversion is refused with the option that asks for one, and no word of Python's."""
    said = havn("transactions", "send", *SALE, "--currency", "IDR")
    assert (said.code, "add --server-side-conversion to let HAVN convert" in said.err) == (2, True)
    assert "server_side" not in said.err
    assert "rates=" not in said.err


def test_everything_wrong_is_told_at_once(havn: Typing, company: SandboxCompany) -> None:
    """Wrong input names every field, exits with 2, and nothing was sent."""
    said = havn("transactions", "send", "--amount", "0", "--currency", "XYZ", "--json")
    assert said.code == 2
    assert set(said.document["error"]["fields"]) == {
        "amount",
        "currency",
        "customer_email",
        "customer_id",
        "payment_gateway_transaction_id",
    }
    assert company.requests() == []


def test_vouchers_are_listed(havn: Typing) -> None:
    """A page of vouchers is a table; where there are more, it says how to get them."""
    said = havn("vouchers", "list", "--per-page", "3")
    assert len(said.out.splitlines()) == 4
    assert "page 1 of 3, 8 vouchers; --page 2, or --all" in said.err
    assert havn("vouchers", "list", "--all", "--json").document.keys() == {"vouchers"}
    assert len(havn("vouchers", "list", "--all").out.splitlines()) == 9


def test_vouchers_are_filtered(havn: Typing) -> None:
    """Filters are HAVN's own."""
    found = havn("vouchers", "list", "--search", "rupiah", "--valid", "--json").document
    assert [each["code"] for each in found["vouchers"]] == ["HAVN-AQNEO-S08-RUPIAH"]
    assert havn("vouchers", "list", "--search", "nothing like it").err == "no voucher\n"
    said = havn("vouchers", "list", "--sort-by", "colour", "--json")
    assert (said.code, list(said.document["error"]["fields"])) == (2, ["sort_by"])


@pytest.mark.parametrize(
    ("code", "valid", "reason"),
    [
        ("HAVN-AQNEO-S08-ABC123", True, None),
        ("HAVN-AQNEO-S08-EXPIRED", False, "Voucher has expired"),
        ("HAVN-AQNEO-S08-NOBODY", False, "No voucher has this code"),
    ],
)
def test_a_voucher_is_validated(havn: Typing, code: str, valid: bool, reason: str | None) -> None:
    """A voucher that can't be used is an answer with exit code 1, and its reason."""
    said = havn("vouchers", "validate", code, "--json")
    assert (said.code, said.document) == (0 if valid else 1, {"valid": valid, "code": code, "reason": reason})
    assert (reason or "can be used") in havn("vouchers", "validate", code).out


def test_an_amount_that_breaks_the_terms_is_told(havn: Typing) -> None:
    """The amount goes along."""
    said = havn("vouchers", "validate", "HAVN-AQNEO-S08-FIXED", "--amount", "100")
    assert (said.code, "can't be used" in said.out) == (1, True)


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"no page here"), (404, b'{"detail": "Not Found"}'), (400, b'{"success": true}'), (422, b"[]")],
)
def test_what_is_no_answer_of_havn_is_no_verdict(havn: Typing, status: int, body: bytes) -> None:
    """Where something else than HAVN refuses the call, nothing is known of the voucher."""
    with serving(status=status, body=body) as url:
        said = havn("vouchers", "validate", "HAVN-AQNEO-S08-ABC123", "--json", "--base-url", url)
        assert (said.code, "valid" in said.document) == (1, False)
        assert said.document["error"]["status_code"] == status
        assert "can't be used" not in havn("vouchers", "validate", "X-1", "--base-url", url).out


@pytest.mark.parametrize(("success", "code"), [("true", 0), ("false", 1)])
def test_a_transaction_that_is_no_success_is_told(havn: Typing, success: str, code: int) -> None:
    """A 200 in which HAVN says that it did not go well exits with 1, and with HAVN's words."""
    body = f'{{"success": {success}, "message": "The tree is locked", "transaction": {{}}}}'.encode()
    with serving(body=body) as url:
        said = havn("transactions", "send", *SALE, "--base-url", url)
    assert (said.code, "The tree is locked" in said.err) == (code, bool(code))


def test_a_login_link_is_printed(havn: Typing) -> None:
    """The link alone is the output, fit for a variable of a shell."""
    said = havn("login", "Partner@Example.com")
    assert (said.code, said.err, said.out.count("\n")) == (0, "", 1)
    assert "/login?token=" in said.out
    assert "/login?token=" in havn("login", "partner@example.com", "--json").document["url"]


def test_a_login_link_is_opened_and_not_printed(havn: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--open` the link goes to the browser, and nowhere else."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: not opened.append(url))
    said = havn("login", "partner@example.com", "--open")
    assert (said.code, "token" in said.out + said.err, len(opened)) == (0, False, 1)
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    said = havn("login", "partner@example.com", "--open")
    assert (said.code, "no browser" in said.err, "token" in said.err) == (1, True, False)


@pytest.mark.parametrize(
    ("email", "code", "told"), [("nobody@example.com", 1, "HTTP 404"), ("inactive@example.com", 1, "HTTP 400")]
)
def test_a_refusal_has_havns_words(havn: Typing, email: str, code: int, told: str) -> None:
    """A refusal is one line with HAVN's reason and the request, and exit code 1."""
    said = havn("login", email)
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert said.err.count("\n") == 1


def test_no_answer_is_the_network(havn: Typing) -> None:
    """When nobody answers the exit code is 3; retries are told while they are waited for."""
    said = havn("login", "partner@example.com", "--base-url", "http://127.0.0.1:1", "--max-retries", "1")
    assert said.code == 3
    assert "retry 1 in" in said.err


def test_test_mode_stores_nothing(havn: Typing, company: SandboxCompany) -> None:
    """`--test-mode` reaches HAVN."""
    assert havn("transactions", "send", *SALE, "--test-mode").code == 0
    (call,) = company.requests(operation="sendTransaction")
    headers = {name.lower(): value for name, value in company.request(call["id"])["request"]["headers"]}
    assert headers["x-test-mode"] == "true"


def test_credentials_come_from_files(
    havn: Typing, company: SandboxCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files hold credentials, with or without an end of line, and win over the environment."""
    (tmp_path / "key").write_text(f"{company.api_key}\n")
    (tmp_path / "secret").write_text(f"{company.webhook_secret}\r\n")
    monkeypatch.setenv("HAVN_API_KEY", "another")
    monkeypatch.delenv("HAVN_WEBHOOK_SECRET")
    files = ("--api-key-file", tmp_path / "key", "--webhook-secret-file", tmp_path / "secret")
    assert havn("vouchers", "list", *files).code == 0


def test_missing_credentials_are_told_with_what_to_do(havn: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are named at once, each with its variable and its option."""
    monkeypatch.delenv("HAVN_API_KEY")
    monkeypatch.delenv("HAVN_WEBHOOK_SECRET")
    said = havn("vouchers", "list")
    assert said.code == 2
    for word in ("HAVN_API_KEY", "--api-key-file", "HAVN_WEBHOOK_SECRET", "--webhook-secret-file"):
        assert word in said.err


def test_what_is_signed_is_verified(havn: Typing, company: SandboxCompany, tmp_path: Path) -> None:
    """A body that `sign` signs is good for `verify` in any spelling, and for no other body."""
    (tmp_path / "body.json").write_text('{"b": 1, "a": "é"}', encoding="utf-8")
    (tmp_path / "spelt.json").write_text('{"a":"\\u00e9",  "b":1}\n')
    (tmp_path / "other.json").write_text('{"a":"\\u00e9","b":2}')
    signature = havn("sign", tmp_path / "body.json").out.strip()
    assert signature == sign(canonical_json({"a": "é", "b": 1}), company.webhook_secret)
    for name, valid in (("body.json", True), ("spelt.json", True), ("other.json", False)):
        said = havn("verify", tmp_path / name, "--signature", signature, "--json")
        assert (said.code, said.document) == (0 if valid else 1, {"valid": valid})
    assert "not valid" in havn("verify", tmp_path / "other.json", "--signature", signature).out


def test_what_the_canonical_form_is_sent_as_is_accepted(
    havn: Typing, company: SandboxCompany, tmp_path: Path
) -> None:
    """Canonical form and signature are what another HTTP client needs, and the sandbox takes them."""
    import httpx

    (tmp_path / "body.json").write_text('{"voucher_code": "HAVN-AQNEO-S08-ABC123"}')
    body = havn("sign", tmp_path / "body.json", "--canonical").out.strip()
    signature = havn("sign", tmp_path / "body.json").out.strip()
    headers = {"X-API-Key": company.api_key, "X-Signature": signature, "Content-Type": "application/json"}
    url = f"{company.url}/api/v1/webhook/voucher/validate"
    assert httpx.post(url, content=body, headers=headers).status_code == 200
