"""Input that is nearly right: it is either understood, or refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from havn_api.models import UserSyncRequest
from havn_ext import HAVNValidationError, RetryPolicy, Voucher
from havn_ext._checks import Problems
from havn_ext._local_vouchers import read_local_vouchers
from havn_ext._sync_progress import Batch, SyncProgress
from havn_ext._voucher_query import checked_query
from havn_ext.config import resolve
from havn_ext.currency import Conversion, minor_unit_digits
from havn_ext.models import BulkSyncResult, SyncedUser, SyncError, UserSyncResult

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("currency", ["IDR ", "", "RUPIAH", "ID", "1DR", "ÌDR"])
def test_what_is_no_currency_code_has_no_minor_units(currency: str) -> None:
    """A code that is not three letters is refused: guessing its decimals would be off by a hundred."""
    with pytest.raises(HAVNValidationError) as caught:
        minor_unit_digits(currency)
    assert set(caught.value.errors) == {"currency"}


@pytest.mark.parametrize("rate", [0.0625, "x", Decimal(0)])
def test_a_conversion_has_a_rate(rate: Any) -> None:
    """A conversion is never made with what is no rate."""
    with pytest.raises(HAVNValidationError):
        Conversion(1_000_000, "IDR", rate)


@pytest.mark.parametrize("name", ["currency", "display_currency"])
def test_a_currency_is_understood_in_any_case(name: str) -> None:
    """A currency code may be written in lower case and with white space around it, wherever it is asked for."""
    problems = Problems()
    assert checked_query({name: " idr "}, problems) == {name: "IDR"}
    problems.raise_any()


def test_retries_are_whole() -> None:
    """One and a half retries are no number of retries."""
    with pytest.raises(HAVNValidationError) as caught:
        RetryPolicy(max_retries=1.5)  # type: ignore[arg-type]
    assert set(caught.value.errors) == {"max_retries"}


def test_a_naive_moment_is_utc() -> None:
    """A moment without a zone is in UTC, as everywhere else."""
    voucher = Voucher(code="A", active=True, start_date="2024-06-01T12:00:00Z")
    assert voucher.usable_at(NOON.replace(tzinfo=None)) is voucher.usable_at(NOON) is True


@pytest.mark.parametrize("field", ["value", "min_purchase", "max_purchase", "usage_limit", "current_usage"])
@pytest.mark.parametrize("number", [-1, Decimal("1E+999999")])
def test_a_local_voucher_counts_from_zero(field: str, number: Any) -> None:
    """A local voucher's amounts and counts are 0 or more, and of a sane size."""
    with pytest.raises(HAVNValidationError) as caught:
        read_local_vouchers([{"code": "A", field: number}], NOON)
    assert set(caught.value.errors) == {f"local_vouchers[0].{field}"}


@pytest.mark.parametrize("local", [{"code": "  "}, Voucher(), Voucher(code=" ")])
def test_a_local_voucher_has_a_code(local: Any) -> None:
    """A blank code is none, in a mapping and in a Voucher alike."""
    with pytest.raises(HAVNValidationError) as caught:
        read_local_vouchers([local], NOON)
    assert set(caught.value.errors) == {"local_vouchers[0].code"}


def test_a_wrong_option_is_named_once() -> None:
    """The reason names the variable where the value came from one, and does not repeat the argument's name."""
    with pytest.raises(HAVNValidationError) as caught:
        resolve(api_key="key", webhook_secret="secret", timeout=-1, environ={"HAVN_MAX_RETRIES": "many"})
    assert caught.value.errors["timeout"].startswith("must be")
    assert caught.value.errors["max_retries"].startswith("HAVN_MAX_RETRIES must be")


def bulk(users: int) -> Batch:
    """A batch of so many users, at positions from 100."""
    emails = [f"User{n}@example.com" for n in range(users)]
    return Batch([UserSyncRequest(email=each, name="A") for each in emails], [100 + n for n in range(users)])


def failed(email: str | None) -> UserSyncResult:
    """A result that is no success."""
    return UserSyncResult(success=False, message="no", user=SyncedUser(email=email) if email else None)


@pytest.mark.parametrize(
    ("errors", "results", "places"),
    [
        ([SyncError(index=1, error="x")], [failed("user1@example.com")], [101]),
        ([SyncError(email="USER1@example.com", error="x")], [failed("user1@example.com")], [101]),
        ([SyncError(index=0, error="x")], [failed("user1@example.com")], [100, 101]),
        ([SyncError(error="x")], [failed(None)], [None, None]),
        ([], [failed("user2@example.com")], [102]),
    ],
)
def test_a_failure_is_counted_once(
    errors: list[SyncError], results: list[UserSyncResult], places: list[int | None]
) -> None:
    """A user is one failure, by position or by address in any case, however often HAVN mentions it."""
    progress = SyncProgress()
    progress.settle(bulk(3), BulkSyncResult(results=tuple(results), errors=tuple(errors)))
    unsaid = [place for place in (100, 101, 102) if place not in places]  # of them the answer says nothing
    assert [failure.index for failure in progress.report.failures] == places + unsaid
