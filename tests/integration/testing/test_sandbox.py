"""`start_sandbox()` and its companies, over real HTTP."""

from __future__ import annotations

import asyncio
import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from havn import HAVNClient, HAVNNetworkError, HAVNNotFoundError, HAVNServerError
from havn_ext.testing import no_waiting, recorded_requests, start_sandbox
from havn_ext.testing.loose_client import loose_async_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.testing import LocalSandbox, SandboxCompany

UPLINE = "HAVN-MJ-001"
VOUCHER = "HAVN-AQNEO-S08-ABC123"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    """One sandbox for all."""
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def company(sandbox: LocalSandbox) -> SandboxCompany:
    """A company of the test's own."""
    return sandbox.company()


@pytest.fixture
def client(company: SandboxCompany) -> Iterator[HAVNClient]:
    """A client of that company."""
    with company.client() as client:
        yield client


def test_the_secret_follows_from_the_key(sandbox: LocalSandbox) -> None:
    """Each company has a key of its own that begins `test_`, and the secret that the sandbox derives from it."""
    companies = [sandbox.company() for _ in range(50)]
    assert len({company.api_key for company in companies}) == 50
    for company in companies:
        assert company.api_key.startswith("test_")
        assert company.webhook_secret == f"{company.api_key}_secret"
        assert company.url == sandbox.url


def test_companies_never_meet(sandbox: LocalSandbox, company: SandboxCompany) -> None:
    """What one company has, another one has not."""
    company.seed()
    with company.client() as client, sandbox.company().client() as other:
        assert client.transactions.send(100, "pay_1", customer_id="c1", referral_code=UPLINE).commissions
        with pytest.raises(HAVNNotFoundError):
            other.transactions.send(100, "pay_1", customer_id="c1", referral_code=UPLINE)


def test_the_environment_leads_to_the_company(company: SandboxCompany, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is made from the environment variables is one of the company."""
    for name, value in company.environ.items():
        monkeypatch.setenv(name, value)
    with HAVNClient() as client:
        client.users.sync("owner@shop.example", "Shop Owner")
    assert [each["operation"] for each in company.requests()] == ["syncUsers"]


def test_a_request_is_shown_whole(company: SandboxCompany, client: HAVNClient) -> None:
    """One request has what the sandbox knows of it; one that is not there is an error."""
    client.users.sync("owner@shop.example", "Shop Owner")
    (listed,) = company.requests()
    assert company.request(listed["id"])["operation"] == "syncUsers"
    with pytest.raises(ValueError, match="refused GET requests/999999"):
        company.request(999_999)


def test_no_secret_is_printed(company: SandboxCompany) -> None:
    """What is printed of a company does not open it."""
    assert company.webhook_secret not in repr(company)


def test_demo_data_replaces_all(company: SandboxCompany, client: HAVNClient) -> None:
    """Seeding gives the demo data whatever was there, and resetting takes it away."""
    client.users.sync("owner@shop.example", "Shop Owner")
    company.seed()
    assert client.vouchers.validate(VOUCHER)
    with pytest.raises(HAVNNotFoundError):
        client.auth.login("owner@shop.example")
    company.reset()
    assert client.vouchers.get_all().data == ()


def test_rates_are_read_and_set(company: SandboxCompany, sandbox: LocalSandbox) -> None:
    """A company's own rates decide what a sale is worth; other companies keep theirs."""
    before = company.rates
    company.set_rates({"IDR": Decimal("0.0001"), "EUR": "1.1"})
    assert company.rates == {**before, "IDR": Decimal("0.0001"), "EUR": Decimal("1.1")}
    assert sandbox.company().rates == before
    with company.client(rates=company.rates) as client:
        sale = client.transactions.send(1_000_000, "pay_1", customer_id="c1", currency="IDR")
    assert sale.transaction.raw["amount"] == 10_000


@pytest.mark.parametrize("rates", [{"XXX": "1"}, {"IDR": "0"}, {"IDR": "-1"}, {"IDR": "many"}])
def test_rates_that_cannot_be_are_refused(company: SandboxCompany, rates: dict[str, str]) -> None:
    """An unknown currency and a rate that is not positive are refused, with the sandbox's reasons."""
    with pytest.raises(ValueError, match=r"refused PUT rates.*; /rates"):
        company.set_rates(rates)


def test_faults_strike_this_company_alone(
    sandbox: LocalSandbox, company: SandboxCompany, client: HAVNClient
) -> None:
    """A fault makes the company's calls fail until it is lifted, and no other's."""
    company.seed()
    company.add_fault("status", status=503, operation="validateVoucher")
    once = client.with_options(max_retries=0)
    with pytest.raises(HAVNServerError):
        once.vouchers.validate(VOUCHER)
    with sandbox.company().client() as other, pytest.raises(HAVNNotFoundError):
        other.vouchers.validate(VOUCHER)
    company.clear_faults()
    assert once.vouchers.validate(VOUCHER)


def test_a_lost_answer_is_no_second_sale(company: SandboxCompany, client: HAVNClient) -> None:
    """A call whose answer is lost is sent again, and processed once."""
    company.add_fault("reset_after", times=1)
    with no_waiting() as time, recorded_requests() as records:
        assert client.transactions.send(100, "pay_1", customer_id="c1").replayed
    assert [(each.attempt, each.status) for each in records] == [(1, None), (2, 200)]
    assert len(time.waits) == 1


def test_what_was_received_is_listed(company: SandboxCompany, client: HAVNClient) -> None:
    """The sandbox tells what it has received from the company, and finds among it."""
    client.transactions.send(100, "pay_1", customer_id="c1")
    client.vouchers.get_all()
    assert [each["operation"] for each in company.requests(status=201)] == ["sendTransaction"]
    assert len(company.requests()) == 2


def test_the_rest_of_the_control_api_is_there(sandbox: LocalSandbox, company: SandboxCompany) -> None:
    """Whatever the sandbox can do besides, for a company or for all, can be asked for."""
    assert sandbox.control("GET", "health") == {"status": "ok"}
    with pytest.raises(ValueError, match="refused GET requests/wait"):
        company.control("GET", "requests/wait", timeout=0)


def test_a_stopped_sandbox_is_gone() -> None:
    """Stopping ends the server and its thread; stopping again does no harm."""
    before = set(threading.enumerate())
    sandbox = start_sandbox()
    client = sandbox.company().client(max_retries=0)
    sandbox.stop()
    sandbox.stop()
    assert set(threading.enumerate()) <= before
    with client, pytest.raises(HAVNNetworkError):
        client.vouchers.validate(VOUCHER)


def test_a_loose_client_fits_any_loop(company: SandboxCompany) -> None:
    """The client of a fixture is used in several event loops, and closed outside of all and inside of one."""
    company.seed()

    async def close_inside() -> None:
        with loose_async_client(company) as client:
            assert await client.vouchers.validate(VOUCHER)

    with loose_async_client(company) as client:
        for _ in range(2):
            assert asyncio.run(client.vouchers.validate(VOUCHER))
    asyncio.run(close_inside())
    with pytest.raises(Exception, match="the client is closed"):
        asyncio.run(client.vouchers.validate(VOUCHER))
