"""What the fault tests share: the faults and what each one means, the five operations, and a caller that counts.

The sandbox's request log says what reached it and what it answered; what it has kept is read from its database
file with `sqlite3` alone, so that a bug of the sandbox's own view of its data cannot hide a doubled sale.
"""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs
import httpx
from fakes import AnyClient, FakeClock, Kind, settled, timed

from havn_ext import (
    HAVNAPIError,
    HAVNAuthError,
    HAVNBadRequestError,
    HAVNConflictError,
    HAVNError,
    HAVNNetworkError,
    HAVNNotFoundError,
    HAVNRateLimitError,
    HAVNResponseError,
    HAVNServerError,
    HAVNUnprocessableError,
    TransactionResult,
    UserSyncResult,
    VoucherPage,
)
from havn_ext.sandbox import spec
from havn_ext.testing import no_waiting

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
    from pathlib import Path

    from havn_ext.testing import SandboxCompany

SEED: Final = 20_240_601
"""Of the dice that every client of these tests throws for its back-off."""

VOUCHER: Final = "HAVN-AQNEO-S08-LIMIT5"
NEWCOMER: Final = "newcomer@shop.example"

SALE: Final[dict[str, Any]] = {
    "amount": 8_000,
    "subtotal_transaction": 10_000,
    "payment_gateway_transaction_id": "pay_1",
    "customer_email": "customer@example.com",
    "referral_code": "HAVN-MJ-001",
    "promo_code": VOUCHER,
}
"""Eighty dollars, paid with a voucher, below an associate with four uplines."""

SHARES: Final = (400, 240, 160, 80, 80)
"""Cents that the five levels earn from it."""


# ── what is called ───────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Operation:
    """One operation, called as a program would.

    Args:
        id: The contract's name of it.
        call: Makes the call.
        check: Asserts that its result is the right one.
        table: Where the sandbox keeps what comes of it; None when nothing does.
        is_kept_once: Whether processing it again keeps nothing more.
        reads_body: Whether a success without a body is of no use.
    """

    id: str
    call: Callable[[AnyClient], Any]
    check: Callable[[Any], None]
    table: str | None = None
    is_kept_once: bool = False
    reads_body: bool = True

    def __str__(self) -> str:
        return self.id

    def kept(self, processed: int) -> int:
        """Rows that are kept once it was processed so many times."""
        if self.table is None:
            return 0
        return min(1, processed) if self.is_kept_once else processed


def check_sale(result: TransactionResult) -> None:
    """The sale is recorded, and five levels earn their shares."""
    assert result.transaction.transaction_id == "txn_001"
    assert (result.transaction.amount, result.transaction.promo_code) == (8_000, VOUCHER)
    assert tuple(each.amount for each in result.commissions) == SHARES
    assert result.total_commission == sum(SHARES)


def _check_user(result: UserSyncResult) -> None:
    assert result.user is not None
    assert (result.user.email, result.user.name) == (NEWCOMER, "Ann Bee")
    assert result.referral_code


def _check_valid(result: object) -> None:
    assert result is True


def _check_page(result: VoucherPage) -> None:
    assert (len(result.data), result.pagination.total) == (8, 8)


def _check_link(result: str) -> None:
    assert "/login?token=" in result


TRANSACTION: Final = Operation(
    "sendTransaction",
    lambda client: client.transactions.send(**SALE),
    check_sale,
    "transactions",
    is_kept_once=True,
)
OPERATIONS: Final = (
    TRANSACTION,
    Operation(
        "syncUsers",
        lambda client: client.users.sync(NEWCOMER, "Ann Bee", upline_code="HAVN-MJ-001"),
        _check_user,
        "users",
        is_kept_once=True,
    ),
    Operation("validateVoucher", lambda client: client.vouchers.validate(VOUCHER), _check_valid, reads_body=False),
    Operation("listVouchers", lambda client: client.vouchers.get_all(per_page=10), _check_page),
    Operation(
        "createLoginLink", lambda client: client.auth.login("owner@example.com"), _check_link, "login_tokens"
    ),
)


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Trouble:
    """A fault, and what it means to a caller.

    Args:
        name: Of the test case.
        fault: As `SandboxCompany.add_fault` takes it.
        error: What a caller gets who does not try again; None when nothing is to be noticed.
        status: HTTP status of that error; None where no answer came, or where it is that of a success.
        original: The HTTP library's error, where no answer came.
        is_processed: Whether the call is processed nevertheless.
        is_retried: Whether the client tries again by itself.
        asked: Seconds that the answer asks to wait.
    """

    name: str
    fault: dict[str, Any]
    error: type[HAVNError] | None = None
    status: int | None = None
    original: type[httpx.TransportError] | None = None
    is_processed: bool = False
    is_retried: bool = False
    asked: float | None = None

    def __str__(self) -> str:
        return self.name

    def is_possible_for(self, operation: Operation) -> bool:
        """Whether the contract lets the operation fail so."""
        kind: str = self.fault["kind"]
        return kind != "status" or spec.operation(operation.id).can_fail_with(self.fault["status"])

    def error_of(self, operation: Operation) -> type[HAVNError] | None:
        """What a caller of the operation gets who does not try again."""
        return None if self.error is HAVNResponseError and not operation.reads_body else self.error

    def waits(self, retries: int) -> list[float]:
        """Seconds before each retry: what was asked for, else full jitter by the dice of these tests."""
        dice = random.Random(SEED)
        drawn = [dice.uniform(0.0, 0.5 * 2**retry) for retry in range(retries)]
        return drawn if self.asked is None else [self.asked] * retries


def _refusal(status: int, error: type[HAVNError]) -> Trouble:
    return Trouble(str(status), {"kind": "status", "status": status}, error, status)


def _outage(status: int) -> Trouble:
    fault = {"kind": "status", "status": status}
    return Trouble(str(status), fault, HAVNServerError, status, is_retried=True)


def _cut(kind: str, original: type[httpx.TransportError], *, is_processed: bool) -> Trouble:
    return Trouble(
        kind, {"kind": kind}, HAVNNetworkError, original=original, is_processed=is_processed, is_retried=True
    )


def _harmless(**fault: object) -> Trouble:
    return Trouble(str(fault["kind"]), fault, is_processed=True)


TROUBLES: Final = (
    _refusal(400, HAVNBadRequestError),
    _refusal(401, HAVNAuthError),
    _refusal(404, HAVNNotFoundError),
    _refusal(409, HAVNConflictError),
    _refusal(422, HAVNUnprocessableError),
    Trouble(
        "429",
        {"kind": "status", "status": 429, "retry_after": 7},
        HAVNRateLimitError,
        429,
        is_retried=True,
        asked=7.0,
    ),
    _outage(500),
    _outage(502),
    Trouble(
        "503",
        {"kind": "status", "status": 503, "retry_after": 3},
        HAVNServerError,
        503,
        is_retried=True,
        asked=3.0,
    ),
    _outage(504),
    Trouble("html", {"kind": "html"}, HAVNServerError, 502, is_retried=True),
    _cut("reset_before", httpx.ReadError, is_processed=False),
    _cut("reset_after", httpx.ReadError, is_processed=True),
    _cut("truncated", httpx.RemoteProtocolError, is_processed=True),
    Trouble("empty", {"kind": "empty"}, HAVNResponseError, is_processed=True),
    _harmless(kind="wrong_content_type"),
    _harmless(kind="delay", delay=0.02),
    _harmless(kind="slow_drip", duration=0.05),
)
"""Every kind of fault that the sandbox has, and every status that an operation may fail with."""


# ── what came of it ──────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Ledger:
    """What the sandbox has kept, read from its database file."""

    _connection: sqlite3.Connection

    @classmethod
    @contextmanager
    def of(cls, database: Path) -> Generator[Ledger]:
        """That of a sandbox which is running, until the context ends."""
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
        try:
            yield cls(connection)
        finally:
            connection.close()

    def count(self, company: SandboxCompany, table: str) -> int:
        """Rows of a company."""
        return self._number(f"SELECT count(*) FROM {table} WHERE company = ({_COMPANY})", company.api_key)  # noqa: S608  the tests' own names

    def sales(self, company: SandboxCompany, payment_id: str) -> int:
        """Transactions with a payment id."""
        counted = f"SELECT count(*) FROM transactions WHERE company = ({_COMPANY}) AND payment_id = ?"  # noqa: S608  as above
        return self._number(counted, company.api_key, payment_id)

    def uses(self, company: SandboxCompany, voucher: str) -> int:
        """How often a voucher counts as used."""
        used = f"SELECT current_usage FROM vouchers WHERE company = ({_COMPANY}) AND code = ?"  # noqa: S608  as above
        return self._number(used, company.api_key, voucher)

    def _number(self, statement: str, *values: str) -> int:
        (number,) = self._connection.execute(statement, values).fetchone()
        return int(number)


_COMPANY: Final = "SELECT id FROM companies WHERE api_key = ?"


@attrs.frozen
class Outcome:
    """What a call came to.

    Args:
        result: What the caller got; None beside an error.
        error: What was raised.
        waits: Seconds of each wait between two tries.
        received: What the sandbox logged of the tries, the first one first.
    """

    result: Any
    error: HAVNError | None
    waits: list[float]
    received: list[dict[str, Any]]

    @property
    def processed(self) -> int:
        """How many of the tries the sandbox processed."""
        return sum((entry["status"] or 500) < 300 for entry in self.received)


class Scene:
    """A company with demo data, a client of either kind, and a count of what happens.

    Args:
        kind: Of the clients.
        company: It is given the demo data.
        ledger: Of the sandbox.
    """

    def __init__(self, kind: Kind, company: SandboxCompany, ledger: Ledger) -> None:
        company.seed()
        self.kind: Final = kind
        self.company: Final = company
        self._ledger = ledger
        self._before = {table: ledger.count(company, table) for table in ("transactions", "users", "login_tokens")}

    def kept(self, table: str) -> int:
        """Rows that the sandbox has kept since the scene began."""
        return self._ledger.count(self.company, table) - self._before[table]

    def assert_sold(self, times: int) -> None:
        """The sale is kept once if it was processed at all, with its commissions and one use of the voucher."""
        once = min(1, times)
        assert self.kept("transactions") == once
        assert self._ledger.count(self.company, "commissions") == once * len(SHARES)
        assert self._ledger.uses(self.company, VOUCHER) == once

    def assert_kept(self, operation: Operation, processed: int) -> None:
        """What the sandbox keeps is that of a call processed so often: of a sale never more than one."""
        if operation.table is not None:
            assert self.kept(operation.table) == operation.kept(processed)
        self.assert_sold(processed if operation is TRANSACTION else 0)

    def client(self, **options: Any) -> AnyClient:
        """A client of the company, whose back-off is drawn with the dice of these tests."""
        make = self.company.client if self.kind == "sync" else self.company.async_client
        return make(**{"timeout": 20, **options})

    def settle(self, *calls: Callable[[AnyClient], Any], **options: Any) -> Any:
        """What the last of these calls of a new client comes to."""
        return settled(timed(self.client(**options), FakeClock(), random.Random(SEED)), *calls)[-1]

    def run(self, *calls: Callable[[AnyClient], Any], **options: Any) -> Outcome:
        """The same, with all that came of it; an error is an outcome here."""
        since = self.company.control("GET", "requests", limit=1)["last_id"]
        result, error = None, None
        with no_waiting() as time:
            client = timed(self.client(**options), time, random.Random(SEED))
            try:
                result = settled(client, *calls)[-1]
            except HAVNError as raised:
                error = raised
        return Outcome(result, error, time.waits, self.received(since))

    def drain(self, iterate: Callable[[AnyClient], Any], **options: Any) -> tuple[list[Any], Any, HAVNError | None]:
        """What an iterator of a new client gives until it ends, its report if it has one, and the error if any."""
        given: list[Any] = []
        streams: list[Any] = []

        def call(client: AnyClient) -> Any:
            streams.append(iterate(client))
            noting = _noting if self.kind == "sync" else _noting_async
            return noting(streams[0], given)

        error = self.run(call, **options).error
        return given, getattr(streams[0], "report", None), error

    def received(self, since: int = 0) -> list[dict[str, Any]]:
        """What the sandbox has logged of this company after an entry, the oldest first."""
        return self.company.requests(since_id=since, limit=1000)[::-1]

    def logged(self, entry: dict[str, Any]) -> dict[str, Any]:
        """An entry of the log in full."""
        return self.company.request(entry["id"])

    def check_error(self, outcome: Outcome, trouble: Trouble, operation: Operation) -> None:
        """The error is the one that the trouble means, with all that the last answer had to say."""
        error = outcome.error
        assert type(error) is trouble.error_of(operation)
        if isinstance(error, HAVNNetworkError):
            assert type(error.original_error) is trouble.original
            assert (error.status_code, error.request_id, error.body) == (None, None, None)
            return
        assert isinstance(error, HAVNAPIError)
        last = self.logged(outcome.received[-1])
        headers, body = dict(last["answer"]["headers"]), last["answer"]["body"]["text"]
        assert error.status_code == last["status"] == (trouble.status or last["status"])
        assert error.request_id == headers["x-request-id"]
        assert error.body == body
        document = json.loads(body) if trouble.fault["kind"] == "status" else {}
        assert (error.response, error.error_type) == (document, document.get("error"))
        if isinstance(error, (HAVNRateLimitError, HAVNServerError)):
            assert error.retry_after == trouble.asked
        if isinstance(error, HAVNRateLimitError):
            named = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
            assert [error.limit, error.remaining, error.reset_at] == [int(headers[name]) for name in named]


def _noting(items: Iterable[Any], given: list[Any]) -> Generator[Any]:
    """The same items, noted as they come."""
    for item in items:
        given.append(item)
        yield item


async def _noting_async(items: AsyncIterable[Any], given: list[Any]) -> AsyncGenerator[Any]:
    """The same, under asyncio."""
    async for item in items:
        given.append(item)
        yield item
