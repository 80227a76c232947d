"""Every public name as a type checker sees it. Never run; `tests/guards/test_typing.py` checks it."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, assert_type

import httpx

import havn
from havn import (
    Associate,
    AsyncHAVNClient,
    AsyncUserSyncStream,
    BulkSyncResult,
    CallEvent,
    Commission,
    EndEvent,
    HAVNAPIError,
    HAVNAuthError,
    HAVNBadRequestError,
    HAVNClient,
    HAVNConflictError,
    HAVNConversionError,
    HAVNError,
    HAVNNetworkError,
    HAVNNotFoundError,
    HAVNRateLimitError,
    HAVNResponseError,
    HAVNServerError,
    HAVNTimeoutError,
    HAVNUnprocessableError,
    HAVNValidationError,
    Hooks,
    Pagination,
    ReferralLink,
    ReferralVisit,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    RetryPolicy,
    SavedSync,
    SyncCheckpoint,
    SyncedUser,
    SyncError,
    SyncReport,
    SyncSummary,
    Transaction,
    TransactionResult,
    UserInput,
    UserSyncResult,
    UserSyncStream,
    Voucher,
    VoucherPage,
    VoucherQuery,
    __version__,
    canonical_json,
    is_havn_voucher_code,
    is_valid_referral_code,
    sign,
    to_major_units,
    to_minor_units,
    to_usd_cents,
    verify,
)
from havn.exceptions import HAVNError as SameError
from havn_ext.integrations.otel import opentelemetry_hooks

# ── building ─────────────────────────────────────────────────────────────────────────────────────


class Kept:
    """A checkpoint of the user's own."""

    def load(self) -> SavedSync | None:
        """Where the sync stands."""
        return None

    def save(self, saved: SavedSync) -> None:
        """Keeps it."""
        assert_type(saved.report, SyncReport)


async def rate_of(currency: str) -> Decimal:
    """A rate source that must be awaited."""
    return {"IDR": Decimal("0.0000625")}[currency]


def build() -> None:
    """Both clients take the same arguments, each its own kind of HTTP client."""
    policy = RetryPolicy(max_retries=2, backoff_factor=0.1, max_backoff=4, max_wait=30, deadline=60)
    HAVNClient("key", "secret", "https://api.example.com", 5, 2, 0.5, True)
    client = HAVNClient(http_client=httpx.Client(), retry=policy, rates={"IDR": "0.0000625", "EUR": Decimal(1)})
    other = AsyncHAVNClient(http_client=httpx.AsyncClient(), retry=policy, rates=rate_of)
    assert_type(client.with_options(timeout=1, max_retries=0, backoff_factor=0, test_mode=True), HAVNClient)
    assert_type(other.with_options(retry=policy, rates=lambda _: 1), AsyncHAVNClient)
    with HAVNClient() as entered:
        assert_type(entered, HAVNClient)
    assert_type(client.close(), None)


# ── the blocking client ──────────────────────────────────────────────────────────────────────────


def call(client: HAVNClient) -> None:
    """Every call of the blocking client, and what it gives."""
    assert_type(client.transactions.send(1000, "pay_1", customer_email="ada@example.com"), TransactionResult)
    assert_type(
        client.transactions.send(
            amount=1000,
            payment_gateway_transaction_id="pay_1",
            customer_id="c_1",
            referral_code="HAVN-MJ-001",
            promo_code="HAVN-A",
            subtotal_transaction=1250,
            currency="IDR",
            customer_type="RECURRING",
            custom_fields={"plan": "pro", "seats": 3, "trial": False, "score": 0.5},
            invoice_id="inv_1",
            transaction_type="subscription",
            description="One month",
            payment_gateway="STRIPE",
            is_recurring=True,
            server_side_conversion=True,
            timeout=2.5,
        ),
        TransactionResult,
    )
    assert_type(client.users.sync("ada@example.com", "Ada", country_code="GB", is_owner=True), UserSyncResult)
    ada: UserInput = {"email": "ada@example.com", "name": "Ada", "upline_code": None}
    assert_type(client.users.sync_bulk([ada], upline_code="HAVN-MJ-001"), BulkSyncResult)
    assert_type(client.users.sync_bulk([{"email": "ada@example.com", "name": "Ada"}]), BulkSyncResult)
    stream = client.users.sync_many(iter([ada]), carry_referral_code=True, batch_size=10, concurrency=4)
    checkpoint: SyncCheckpoint = Kept()
    assert_type(client.users.sync_many(iter([ada]), checkpoint=checkpoint), UserSyncStream)
    assert_type(client.users.sync_many(iter([ada]), checkpoint="team.checkpoint"), UserSyncStream)
    assert_type(stream, UserSyncStream)
    assert_type(next(stream), UserSyncResult)
    assert_type(stream.report, SyncReport)
    assert_type(stream.finish(), SyncReport)
    assert_type(client.vouchers.validate("HAVN-A", 1000, "USD"), bool)
    assert_type(client.vouchers.get_all(page=2, per_page=5, active=True, created_from=date.min), VoucherPage)
    assert_type(
        client.vouchers.iter_all(type="DISCOUNT_FIXED", sort_by="code", sort_order="asc"), Iterator[Voucher]
    )
    assert_type(client.vouchers.get_combined(lambda: [{"code": "LOCAL"}], is_valid=True), VoucherPage)
    assert_type(client.vouchers.get_combined(local_vouchers_callback=lambda: [Voucher(code="LOCAL")]), VoucherPage)
    query: VoucherQuery = {"currency": "USD", "search": "summer", "end_date_to": "2025-12-31"}
    assert_type(client.vouchers.get_all(**query), VoucherPage)
    assert_type(client.auth.login("ada@example.com", timeout=1), str)


# ── the async client ─────────────────────────────────────────────────────────────────────────────


async def call_async(client: AsyncHAVNClient, users: AsyncIterator[UserInput]) -> None:
    """Every call of the async client, and what awaiting it gives."""
    assert_type(await client.transactions.send(1000, "pay_1", customer_id="c_1"), TransactionResult)
    assert_type(await client.users.sync("ada@example.com", "Ada"), UserSyncResult)
    assert_type(await client.users.sync_bulk([{"email": "ada@example.com", "name": "Ada"}]), BulkSyncResult)
    stream = client.users.sync_many(users)
    assert_type(stream, AsyncUserSyncStream)
    async for each in stream:
        assert_type(each, UserSyncResult)
    assert_type(stream.report, SyncReport)
    assert_type(await stream.finish(), SyncReport)
    assert_type(await client.vouchers.validate("HAVN-A"), bool)
    assert_type(await client.vouchers.get_all(), VoucherPage)
    async for voucher in client.vouchers.iter_all():
        assert_type(voucher, Voucher)
    assert_type(await client.vouchers.get_combined(local_vouchers), VoucherPage)
    assert_type(await client.auth.login("ada@example.com"), str)
    async with AsyncHAVNClient() as entered:
        assert_type(entered, AsyncHAVNClient)
    assert_type(await client.close(), None)


async def local_vouchers() -> list[dict[str, Any]]:
    """Local vouchers that must be awaited."""
    return []


# ── hooks ────────────────────────────────────────────────────────────────────────────────────────


async def on_request(event: RequestEvent) -> None:
    """What is told before a try, to a hook that must be awaited."""
    assert_type(event.attempt, int)
    assert_type(event.content_length, int)
    assert_type(event.url, str)


def on_response(event: ResponseEvent) -> None:
    """What is told after a try."""
    assert_type(event.duration, float)
    assert_type(event.status, int | None)
    assert_type(event.error, str | None)


def on_retry(event: RetryEvent) -> None:
    """What is told before a wait."""
    assert_type(event.wait, float)
    assert_type(event.error, str)
    assert_type(event.rate_limited, bool)


def on_end(event: EndEvent) -> None:
    """What is told after a call."""
    assert_type(event.attempts, int)
    assert_type(event.request_id, str | None)
    assert_type(event.reason, str | None)
    assert_type(event.call_id, str)
    assert_type(event.test_mode, bool)


def on_anything(event: CallEvent) -> None:
    """What every event tells."""
    assert_type(event.method, str)
    assert_type(event.path, str)


def watch() -> None:
    """Hooks one by one and in bundles, of both clients and of derived ones."""
    client = HAVNClient(on_response=on_response, on_retry=on_retry, on_end=on_end, hooks=opentelemetry_hooks())
    other = AsyncHAVNClient(on_request=on_request, hooks=[opentelemetry_hooks(), Hooks(on_end=on_end)])
    assert_type(client.with_options(on_end=lambda event: event.attempts), HAVNClient)
    assert_type(other.with_options(on_request=on_request, hooks=Hooks(on_retry=on_anything)), AsyncHAVNClient)


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def read_transaction(result: TransactionResult) -> None:
    """What a transaction's result holds."""
    assert_type(result.transaction, Transaction)
    assert_type(result.transaction.amount, int)
    assert_type(result.transaction.failed, bool)
    assert_type(result.commissions, tuple[Commission, ...])
    assert_type(result.commissions[0].rate, Decimal | None)
    assert_type(result.commissions[0].percentage, Decimal | None)
    assert_type(result.total_commission, int)
    assert_type(result.request_id, str | None)


def read_users(one: UserSyncResult, bulk: BulkSyncResult, report: SyncReport) -> None:
    """What the results of syncing users hold."""
    assert_type(one.user, SyncedUser | None)
    assert_type(one.associate, Associate | None)
    assert_type(one.referral_code, str | None)
    assert_type(bulk.results, tuple[UserSyncResult, ...])
    assert_type(bulk.errors, tuple[SyncError, ...])
    assert_type(bulk.summary, SyncSummary)
    assert_type(report.failures, tuple[SyncError, ...])
    assert_type(report.finished, bool)


def read_vouchers(page: VoucherPage) -> None:
    """What a page of vouchers holds."""
    assert_type(page.data, tuple[Voucher, ...])
    assert_type(page.pagination, Pagination)
    assert_type(page.pagination.has_next, bool)
    voucher = page.data[0]
    assert_type(voucher.is_havn, bool)
    assert_type(voucher.discount_for(1000), int)
    assert_type(voucher.usable_at(datetime.now(UTC)), bool)


# ── functions ────────────────────────────────────────────────────────────────────────────────────


def compute() -> None:
    """The functions that need no client."""
    body = canonical_json({"a": [1, None, "ä"]})
    assert_type(body, bytes)
    assert_type(sign(body, "secret"), str)
    assert_type(verify(body, "signature", ["new", b"old"]), bool)
    assert_type(verify("{}", None, "secret"), bool)
    assert_type(is_havn_voucher_code(None), bool)
    assert_type(is_valid_referral_code("HAVN-MJ-001"), bool)
    assert_type(to_minor_units("99.99", "USD"), int)
    assert_type(to_major_units(9999, "USD"), Decimal)
    assert_type(to_usd_cents(150_000, "IDR", Decimal("0.0000625")), int)


def link() -> None:
    """The referral link."""
    assert_type(ReferralLink.parse("?ref=HAVN-MJ-001").referral_code, str | None)
    found = ReferralLink.find({"ref": "HAVN-MJ-001", "vc": "HAVN-AQNEO-S08-ABC123"})
    assert_type(found, ReferralLink | None)
    assert_type(ReferralLink(voucher_code="HAVN-AQNEO-S08-ABC123").address("https://shop.example"), str)
    visit = ReferralVisit("https://shop.example/login", cookie=None)
    assert_type(visit.link, ReferralLink | None)
    assert_type(visit.attach(object(), voucher_code="coupon"), bool)
    assert_type(visit.cookie_after(200), str | None)
    visit.forget()


# ── errors ───────────────────────────────────────────────────────────────────────────────────────


def handle(do: Callable[[], None]) -> None:
    """What each error holds."""
    try:
        do()
    except HAVNValidationError as error:
        assert_type(error.errors, dict[str, str])
    except HAVNTimeoutError as error:
        assert_type(error.original_error, Exception | None)
    except HAVNNetworkError as error:
        assert_type(error.original_error, Exception | None)
    except HAVNRateLimitError as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.limit, int | None)
        assert_type(error.remaining, int | None)
        assert_type(error.reset_at, float | None)
    except HAVNConversionError as error:
        assert_type(error.expected, int | None)
        assert_type(error.actual, int | None)
        assert_type(error.rate, Decimal | None)
    except HAVNServerError as error:
        assert_type(error.retry_after, float | None)
    except (
        HAVNAuthError,
        HAVNBadRequestError,
        HAVNConflictError,
        HAVNNotFoundError,
        HAVNResponseError,
        HAVNUnprocessableError,
    ) as error:
        assert_type(error.response, dict[str, Any])
    except HAVNAPIError as error:
        assert_type(error.error_type, str | None)
    except HAVNError as error:
        assert_type(error.message, str)
        assert_type(error.status_code, int | None)
        assert_type(error.request_id, str | None)
        assert_type(error.body, str | None)


same: type[HAVNError] = SameError
once_more: type[HAVNError] = havn.exceptions.HAVNError
version: str = __version__
