"""Both clients against the sandbox, over real HTTP, from one list of cases."""

from __future__ import annotations

import asyncio
import inspect
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from havn import (
    AsyncHAVNClient,
    HAVNAuthError,
    HAVNBadRequestError,
    HAVNClient,
    HAVNConflictError,
    HAVNConversionError,
    HAVNNotFoundError,
    HAVNRateLimitError,
    HAVNUnprocessableError,
)
from havn_ext.sandbox import SandboxConfig, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

UPLINE = "HAVN-MJ-001"
VOUCHER = "HAVN-AQNEO-S08-ABC123"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox with the demo data, of this test alone."""
    with SandboxServer(SandboxConfig(seed="demo")) as server:
        yield server


class Either:
    """One of the two clients, driven alike: `await call(...)` and `await collect(...)` fit both."""

    def __init__(self, kind: type[HAVNClient | AsyncHAVNClient], sandbox: SandboxServer) -> None:
        self._kind = kind
        self._sandbox = sandbox
        self.client: Any = self.make()

    def make(self, **options: Any) -> Any:
        """Another client of the same kind."""
        credentials = {
            "api_key": self._sandbox.api_key,
            "webhook_secret": self._sandbox.webhook_secret,
            "base_url": self._sandbox.url,
        }
        return self._kind(**{**credentials, **options})

    @staticmethod
    async def call(outcome: Any) -> Any:
        """The result of a call of either client."""
        return await outcome if inspect.isawaitable(outcome) else outcome

    @staticmethod
    async def collect(items: Any) -> list[Any]:
        """The items of an iterator of either client."""
        return [item async for item in items] if hasattr(items, "__aiter__") else list(items)


CASES: list[Any] = []


def case(function: Callable[[Either], Awaitable[None]]) -> Callable[[Either], Awaitable[None]]:
    """Puts a case on the list that both clients go through."""
    CASES.append(pytest.param(function, id=function.__name__))
    return function


def sale(payment_id: str = "pay_1", **changes: Any) -> dict[str, Any]:
    """Arguments of a sale of 100 dollars below HAVN-MJ-001."""
    return {
        "amount": 10_000,
        "payment_gateway_transaction_id": payment_id,
        "customer_email": "customer@example.com",
        "referral_code": UPLINE,
        **changes,
    }


@case
async def an_owner_gets_a_referral_code_and_keeps_it(either: Either) -> None:
    """A new owner gets an associate with a code; syncing again changes the name and nothing else."""
    owner = {"email": "owner@shop.example", "is_owner": True, "upline_code": UPLINE}
    first = await either.call(either.client.users.sync(name="Ann Bee", **owner))
    again = await either.call(either.client.users.sync(name="Ann Cee", **owner))
    assert (first.user_created, first.associate_created) == (True, True)
    assert (again.user_created, again.associate_created) == (False, False)
    assert first.associate.role == "owner"
    assert first.referral_code == again.referral_code
    assert again.user.name == "Ann Cee"
    assert first.request_id != again.request_id


@case
async def an_unknown_upline_is_not_found(either: Either) -> None:
    """An upline that HAVN does not know is a not-found error with HAVN's own words."""
    with pytest.raises(HAVNNotFoundError) as caught:
        await either.call(either.client.users.sync("a@shop.example", "A", upline_code="HAVN-NO-999"))
    assert caught.value.status_code == 404
    assert caught.value.response["success"] is False


@case
async def a_bulk_call_may_succeed_in_part(either: Either) -> None:
    """One bad user of a bulk call is reported with its position, and the others are synced."""
    users = [
        {"email": "a@shop.example", "name": "A"},
        {"email": "b@shop.example", "name": "B", "referral_code": "HAVN-NO-999"},
        {"email": "c@shop.example", "name": "C"},
    ]
    result = await either.call(either.client.users.sync_bulk(users, referral_code="HAVN-SE-002"))
    assert (result.summary.total, result.summary.success, result.summary.errors) == (3, 2, 1)
    assert [(error.index, error["email"]) for error in result.errors] == [(1, "b@shop.example")]
    assert result.referral_code == "HAVN-SE-002"


@case
async def any_number_of_users_is_synced_in_batches(either: Either) -> None:
    """A stream of users goes out in batches; bad ones are in the report with their place in the stream."""
    users = [{"email": f"user{n}@shop.example", "name": f"User {n}"} for n in range(120)]
    users[7] = {"email": "not an address", "name": "Seven"}
    users[60]["referral_code"] = "HAVN-NO-999"
    stream = either.client.users.sync_many(users, carry_referral_code=True)
    results = await either.collect(stream)
    assert [failure.index for failure in stream.report.failures] == [7, 60]
    assert (stream.report.total, stream.report.succeeded, stream.report.batches) == (120, 118, 3)
    assert stream.report.finished
    later = {result.referral_code for result in results[49:]}
    assert later == {stream.report.referral_code}


@case
async def a_sale_is_shared_out_over_five_levels(either: Either) -> None:
    """A sale of 100 dollars pays 5, 3, 2, 1 and 1 percent up the chain."""
    result = await either.call(either.client.transactions.send(**sale()))
    assert [each.level for each in result.commissions] == [1, 2, 3, 4, 5]
    assert [each.amount for each in result.commissions] == [500, 300, 200, 100, 100]
    assert [each.rate for each in result.commissions] == [Decimal(x) / 100 for x in (5, 3, 2, 1, 1)]
    assert (result.total_commission, result.commission_distributed) == (1200, True)


@case
async def the_same_payment_again_is_the_same_transaction(either: Either) -> None:
    """A payment id sent again answers the first transaction; with another amount it is a conflict."""
    first = await either.call(either.client.transactions.send(**sale()))
    again = await either.call(either.client.transactions.send(**sale()))
    assert (first.replayed, again.replayed) == (False, True)
    assert again.transaction == first.transaction
    with pytest.raises(HAVNConflictError):
        await either.call(either.client.transactions.send(**sale(amount=10_001)))


@case
async def a_voucher_is_used_once_for_one_payment(either: Either) -> None:
    """A use is counted when the transaction is accepted, and not again by a repeat."""
    bought = sale(amount=8_000, subtotal_transaction=10_000, promo_code=VOUCHER)
    for _ in range(2):
        result = await either.call(either.client.transactions.send(**bought))
    assert result.transaction.acquisition_method == "REFERRAL_VOUCHER"
    assert result.transaction.subtotal_discount == 2_000
    found = await either.collect(either.client.vouchers.iter_all(search=VOUCHER))
    assert [voucher.current_usage for voucher in found] == [1]


@case
async def a_local_voucher_stays_at_home(either: Either) -> None:
    """HAVN never hears of a local voucher, and the result still shows the caller's subtotal."""
    bought = sale(amount=8_000, subtotal_transaction=10_000, promo_code="SUMMER2024")
    result = await either.call(either.client.transactions.send(**bought))
    assert result.transaction.promo_code is None
    assert result.transaction.subtotal_transaction == 10_000
    assert "subtotal_transaction" not in {k for k, v in result.transaction.raw.items() if v is not None}


@case
async def rupiah_are_converted_by_havn(either: Either) -> None:
    """A sale in rupiah keeps its raw amount, and its commissions are in US cents."""
    idr = sale(amount=1_000_000, currency="IDR", server_side_conversion=True)
    result = await either.call(either.client.transactions.send(**idr))
    assert (result.transaction.amount, result.transaction.currency) == (1_000_000, "IDR")
    assert (result.commissions[0].amount, result.currency) == (313, "USD")  # 6250 cents; 312.5 half up


@case
async def the_client_converts_with_havns_own_rate(either: Either) -> None:
    """With HAVN's rate the conversion is exact, and HAVN keeps what it was converted from."""
    client = either.make(rates={"IDR": "0.0000625"})
    result = await either.call(client.transactions.send(**sale(amount=1_000_000, currency="IDR")))
    assert (result.transaction.amount, result.transaction.currency) == (6_250, "USD")
    assert result.transaction.custom_fields["original_amount"] == 1_000_000
    await either.call(client.close())


@case
async def another_rate_than_havns_is_refused(either: Either) -> None:
    """A rate that is not HAVN's leaves the transaction FAILED, which the caller is told."""
    client = either.make(rates=lambda _currency: Decimal("0.00007"))
    with pytest.raises(HAVNConversionError) as caught:
        await either.call(client.transactions.send(**sale(amount=1_000_000, currency="IDR")))
    assert (caught.value.expected, caught.value.rate) == (7_000, Decimal("0.00007"))
    assert caught.value.response["transaction"]["status"] == "FAILED"
    await either.call(client.close())


@case
async def a_voucher_says_whether_it_can_be_used(either: Either) -> None:
    """Validation is True, or an error whose class says unknown, unusable, or amount out of terms."""
    vouchers = {v.code: v for v in await either.collect(either.client.vouchers.iter_all())}
    fixed = next(v for v in vouchers.values() if v.type == "DISCOUNT_FIXED" and v.min_purchase and v.is_valid)
    expired = next(v for v in vouchers.values() if v.is_expired)
    validate = either.client.vouchers.validate
    assert await either.call(validate(VOUCHER)) is True
    assert await either.call(validate(fixed.code, fixed.min_purchase, fixed.currency)) is True
    with pytest.raises(HAVNUnprocessableError):
        await either.call(validate(fixed.code, fixed.min_purchase - 1, fixed.currency))
    with pytest.raises(HAVNBadRequestError):
        await either.call(validate(expired.code))
    with pytest.raises(HAVNNotFoundError):
        await either.call(validate("HAVN-NOBODY-S00-NOSUCH"))


@case
async def pages_and_iteration_give_the_same_vouchers(either: Either) -> None:
    """The pages put together are what the iteration gives, in the same order."""
    query: Any = {"sort_by": "code", "sort_order": "asc"}
    iterated = await either.collect(either.client.vouchers.iter_all(per_page=2, **query))
    paged: list[Any] = []
    page = await either.call(either.client.vouchers.get_all(page=1, per_page=3, **query))
    while True:
        paged.extend(page.data)
        if not page.pagination.has_next:
            break
        page = await either.call(either.client.vouchers.get_all(page=page.pagination.page + 1, per_page=3, **query))
    assert paged == iterated
    assert [v.code for v in iterated] == sorted(v.code for v in iterated)


@case
async def local_vouchers_share_the_pages_with_havns(either: Either) -> None:
    """The second page of the combined list holds what comes after the first."""
    local = [{"voucher_code": f"LOCAL{n}", "discount_value": n, "type": "DISCOUNT_FIXED"} for n in range(9)]
    pages = [
        await either.call(
            either.client.vouchers.get_combined(
                lambda: local, page=number, per_page=4, is_valid=True, sort_by="code", sort_order="asc"
            )
        )
        for number in (1, 2, 3, 4)
    ]
    codes = [voucher.code for page in pages for voucher in page.data]
    havn = [v.code for v in await either.collect(either.client.vouchers.iter_all(is_valid=True))]
    assert codes == sorted([*havn, *(each["voucher_code"] for each in local)])
    assert {page.pagination.total for page in pages} == {len(havn) + 9}


@case
async def a_login_link_is_for_active_users(either: Either) -> None:
    """An active user gets an address; an inactive or unknown one gets an error that says which."""
    url = await either.call(either.client.auth.login(" Owner@Example.com "))
    assert isinstance(url, str)
    assert "token=" in url
    with pytest.raises(HAVNBadRequestError):
        await either.call(either.client.auth.login("inactive@example.com"))
    with pytest.raises(HAVNNotFoundError):
        await either.call(either.client.auth.login("nobody@example.com"))


@case
async def a_dry_run_stores_nothing(either: Either) -> None:
    """In test mode HAVN answers as usual, and the same payment is new afterwards."""
    dry = either.client.with_options(test_mode=True)
    assert (await either.call(dry.transactions.send(**sale()))).total_commission == 1200
    assert not (await either.call(either.client.transactions.send(**sale()))).replayed


@case
async def a_wrong_secret_is_explained(either: Either) -> None:
    """A signature with another secret is an authentication error that shows neither secret nor key."""
    wrong = either.make(webhook_secret="somebody-elses-secret")
    with pytest.raises(HAVNAuthError) as caught:
        await either.call(wrong.transactions.send(**sale()))
    assert "HAVN_WEBHOOK_SECRET" in str(caught.value)
    assert "somebody-elses-secret" not in repr(caught.value) + str(caught.value.body)
    await either.call(wrong.close())


@case
async def the_twenty_first_login_of_a_minute_is_limited(either: Either) -> None:
    """The rate limit reaches the caller with how long to wait, how much there was and when it is back."""
    client = either.make(max_retries=0)

    async def hurry() -> None:
        for _ in range(41):  # two windows may be touched
            await either.call(client.auth.login("owner@example.com"))

    with pytest.raises(HAVNRateLimitError) as caught:
        await hurry()
    error: Any = caught.value
    assert (error.limit, error.remaining) == (20, 0)
    assert 0 < error.retry_after <= 60
    assert error.reset_at > 1_700_000_000
    await either.call(client.close())


@pytest.mark.parametrize("kind", [HAVNClient, AsyncHAVNClient])
@pytest.mark.parametrize("check", CASES)
def test_client_and_sandbox_agree(
    check: Callable[[Either], Awaitable[None]],
    kind: type[HAVNClient | AsyncHAVNClient],
    sandbox: SandboxServer,
) -> None:
    """Each case of the list holds for the blocking client and for the asynchronous one."""

    async def scenario() -> None:
        either = Either(kind, sandbox)
        await check(either)
        await either.call(either.client.close())

    asyncio.run(scenario())
