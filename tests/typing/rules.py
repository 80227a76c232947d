"""The pure rules, and the parts of a client, as a type checker sees them.

Never run; `tests/guards/test_typing.py` checks it.
"""

import random
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, assert_type

from havn import (
    HAVNClient,
    HAVNError,
    Pagination,
    RetryPolicy,
    SavedSync,
    SyncCheckpoint,
    SyncReport,
    Transaction,
    TransactionResult,
    UserSyncResult,
    Voucher,
    VoucherPage,
    VoucherQuery,
)
from havn_ext.currency import (
    Conversion,
    exchange_rate,
    minor_unit_digits,
    recorded_conversion,
    round_half_up,
    to_major_units,
    to_minor_units,
    to_usd_cents,
)
from havn_ext.rates import Rate, RateSource
from havn_ext.referrals import REFERRAL_COOKIE, REFERRAL_DAYS, ReferralLink, ReferralVisit
from havn_ext.resources.auth import Auth
from havn_ext.resources.transactions import Transactions
from havn_ext.resources.users import Users
from havn_ext.resources.vouchers import Vouchers
from havn_ext.retry import retry_after
from havn_ext.signing import EMPTY_BODY, Signer, canonical_json, sign, verify
from havn_ext.streams import AsyncUserSyncStream, UserSyncStream
from havn_ext.vouchers import (
    discount,
    is_havn_voucher_code,
    is_usable,
    is_valid_referral_code,
    matches,
    ordered,
)

# ── signatures ───────────────────────────────────────────────────────────────────────────────────


def sign_body(signer: Signer) -> None:
    """HAVN's signature."""
    assert_type(canonical_json({"b": [1.5, None], "a": "ä"}), bytes)
    assert_type(sign(EMPTY_BODY, b"secret"), str)
    assert_type(verify(b"{}", b"signature", iter(["new", "old"])), bool)
    assert_type(Signer("secret"), Signer)
    assert_type(signer.sign(b"{}"), str)


# ── money ────────────────────────────────────────────────────────────────────────────────────────


def convert(conversion: Conversion) -> None:
    """Amounts and rates."""
    assert_type(minor_unit_digits("KWD"), int)
    assert_type(to_minor_units(Decimal("99.99"), "USD"), int)
    assert_type(to_major_units(9999, "USD"), Decimal)
    assert_type(exchange_rate("0.0000625"), Decimal)
    assert_type(round_half_up(5, 2), int)
    assert_type(to_usd_cents(150_000, "IDR", "0.0000625"), int)
    assert_type(Conversion(150_000, "IDR", "0.0000625", original_subtotal=200_000), Conversion)
    assert_type(conversion.original_amount, int)
    assert_type(conversion.original_currency, str)
    assert_type(conversion.rate, Decimal)
    assert_type(conversion.original_subtotal, int | None)
    assert_type(conversion.amount, int)
    assert_type(conversion.subtotal, int | None)
    assert_type(conversion.audit_fields, dict[str, str | int])
    assert_type(recorded_conversion({"currency": "USD", "custom_fields": {}}), Conversion | None)


def rate_of(currency: str) -> Rate:
    """A source of the user's own."""
    return {"IDR": Decimal("0.0000625")}[currency]


SOURCES: list[RateSource] = [{"IDR": "0.0000625", "EUR": 1}, rate_of]

# ── vouchers ─────────────────────────────────────────────────────────────────────────────────────


def judge(voucher: Voucher) -> None:
    """What a voucher takes off, and which vouchers are asked for."""
    now = datetime.now(UTC)
    query: VoucherQuery = {"active": True, "type": "DISCOUNT_FIXED"}
    assert_type(discount(voucher, 10_000), int)
    assert_type(is_usable(voucher, now), bool)
    assert_type(matches(voucher, query, now), bool)
    assert_type(ordered(iter([voucher]), "end_date", "asc"), list[Voucher])
    assert_type(ordered([voucher], None), list[Voucher])
    assert_type(is_havn_voucher_code("HAVN-A"), bool)
    assert_type(is_valid_referral_code(None), bool)


# ── referral links ───────────────────────────────────────────────────────────────────────────────


def follow(link: ReferralLink, parameters: Mapping[str, object]) -> None:
    """What a link says."""
    assert_type(ReferralLink(referral_code="HAVN-MJ-001"), ReferralLink)
    assert_type(link.parse("https://shop.example/login?ref=HAVN-MJ-001"), ReferralLink)
    assert_type(link.find(parameters), ReferralLink | None)
    assert_type(link.address("https://shop.example/login"), str)
    assert_type(link.referral_code, str | None)
    assert_type(link.voucher_code, str | None)
    assert_type(str(link), str)


def keep(visit: ReferralVisit, user: object) -> None:
    """What becomes of it."""
    name: Literal["havn_referral"] = REFERRAL_COOKIE
    days: Literal[30] = REFERRAL_DAYS
    assert_type(ReferralVisit("?ref=HAVN-MJ-001", cookie=name * days), ReferralVisit)
    assert_type(visit.link, ReferralLink | None)
    assert_type(visit.attach(user, referral_code="upline"), bool)
    assert_type(visit.forget(), None)
    assert_type(visit.cookie_after(302), str | None)


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def read(transaction: Transaction, report: SyncReport, voucher: Voucher, pagination: Pagination) -> None:
    """What results say beside what they hold."""
    assert_type(transaction.failed, bool)
    assert_type(report.unaccounted, int)
    assert_type(voucher.is_havn, bool)
    assert_type(voucher.discount_for(10_000), int)
    assert_type(voucher.usable_at(datetime.now(UTC)), bool)
    assert_type(pagination.limit, int)


async def go_on(checkpoint: SyncCheckpoint, saved: SavedSync) -> None:
    """What a checkpoint of the user's own may be, blocking or awaited."""
    assert_type(checkpoint.load(), SavedSync | Awaitable[SavedSync | None] | None)
    assert_type(checkpoint.save(saved), Awaitable[None] | None)


# ── retries ──────────────────────────────────────────────────────────────────────────────────────


def wait(policy: RetryPolicy, error: HAVNError) -> None:
    """How long to wait, by the policy and by HAVN's answer."""
    rng = random.Random()
    assert_type(policy.wait_before_retry(error, retries=0, elapsed=0.5, rng=rng), float | None)
    assert_type(policy.backoff(2, rng), float)
    assert_type(policy.deadline, float)
    assert_type(retry_after({"Retry-After": "2"}, 0.0, rate_limited=True), float | None)


# ── the parts of a client ────────────────────────────────────────────────────────────────────────


def take_apart(client: HAVNClient) -> None:
    """The resources by themselves, as arguments of the user's own functions."""
    assert_type(pay(client.transactions), TransactionResult)
    assert_type(list_by(client.vouchers), VoucherPage)
    assert_type(link_by(client.auth), str)
    assert_type(sync(client.users), UserSyncResult)


def pay(transactions: Transactions[TransactionResult]) -> TransactionResult:
    """A sale."""
    return transactions.send(10_000, "pay_1", customer_id="c_1")


def list_by(vouchers: Vouchers[bool, VoucherPage, Any]) -> VoucherPage:
    """A page of vouchers."""
    return vouchers.get_all(active=True)


def link_by(auth: Auth[str]) -> str:
    """A login link."""
    return auth.login("ada@example.com")


def sync(users: Users[UserSyncResult, Any, Any]) -> UserSyncResult:
    """A user."""
    return users.sync("ada@example.com", "Ada")


def stream(synced: UserSyncStream) -> None:
    """A sync under way."""
    assert_type(next(synced), UserSyncResult)
    assert_type(synced.report, SyncReport)
    assert_type(synced.finish(), SyncReport)
    assert_type(synced.close(), None)


async def stream_async(synced: AsyncUserSyncStream) -> None:
    """A sync under way, awaited."""
    assert_type(await anext(synced), UserSyncResult)
    assert_type(synced.report, SyncReport)
    assert_type(await synced.finish(), SyncReport)
    assert_type(await synced.close(), None)
