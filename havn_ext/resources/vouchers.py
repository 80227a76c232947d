"""`client.vouchers`: check and list HAVN's vouchers, alone or together with the caller's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from havn_api.models import VoucherValidateRequest
from havn_ext._answers import request_id
from havn_ext._checks import Problems, unset_if_none
from havn_ext._exchange import exchange, exchange_json
from havn_ext._local_vouchers import read_local_vouchers
from havn_ext._operations import list_vouchers, validate_voucher
from havn_ext._reading import voucher_page
from havn_ext._steps import Emit, Invoke
from havn_ext._voucher_query import checked_query
from havn_ext.errors import HAVNValidationError
from havn_ext.models import Pagination, VoucherPage
from havn_ext.vouchers import matches, ordered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from typing import Unpack

    from havn_ext._session import Session
    from havn_ext._steps import Answer, Flow
    from havn_ext.models import Voucher
    from havn_ext.vouchers import VoucherQuery

    LocalVouchers = Iterable[Voucher | Mapping[str, Any]]
    VoucherIterator = Iterator[Voucher]
    AsyncVoucherIterator = AsyncIterator[Voucher]
    LocalVouchersCallback = Callable[[], LocalVouchers | Awaitable[LocalVouchers]]

__all__ = ["Vouchers"]

Valid = TypeVar("Valid", covariant=True)
Page = TypeVar("Page", covariant=True)
All = TypeVar("All", covariant=True)

MOST_PER_PAGE: Final = 100


class Vouchers(Generic[Valid, Page, All]):
    """Vouchers. The parameters are `bool`, `VoucherPage` and an iterator of `Voucher`, or their async kin."""

    def __init__(
        self,
        session: Session,
        run_validation: Callable[[Flow[bool]], Valid],
        run_page: Callable[[Flow[VoucherPage]], Page],
        iterate: Callable[[Flow[None]], All],
    ) -> None:
        self._session = session
        self._run_validation = run_validation
        self._run_page = run_page
        self._iterate = iterate

    def validate(
        self,
        voucher_code: str,
        amount: int | None = None,
        currency: str | None = None,
        *,
        timeout: float | None = None,
    ) -> Valid:
        """True when a voucher can be used now; an error says why not. Uses nothing up.

        Args:
            voucher_code: 1 to 100 characters.
            amount: The price before the discount, in minor units of `currency`, 1 to 1 000 000 000, to check
                it against the voucher's terms.
            currency: ISO 4217 code of `amount`; USD when absent.
            timeout: Seconds for each phase of each try; the client's when None.

        Raises:
            HAVNNotFoundError: HAVN does not know the voucher.
            HAVNBadRequestError: It has expired, has not begun, is used up or inactive.
            HAVNUnprocessableError: `amount` breaks its terms.
            HAVNValidationError: An argument is wrong; nothing was sent.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        return self._run_validation(_validate(self._session, voucher_code, amount, currency, timeout))

    def get_all(
        self,
        *,
        page: int = 1,
        per_page: int = 10,
        timeout: float | None = None,
        **query: Unpack[VoucherQuery],
    ) -> Page:
        """One page of HAVN's vouchers.

        Args:
            page: Number of the page, from 1.
            per_page: Vouchers on a page, 1 to 100.
            timeout: Seconds for each phase of each try; the client's when None.
            **query: What to look for and in which order, see `VoucherQuery`.

        Raises:
            HAVNValidationError: An argument is wrong; nothing was sent.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        return self._run_page(_get_page(self._session, page, per_page, query, timeout))

    def iter_all(
        self, *, per_page: int = MOST_PER_PAGE, timeout: float | None = None, **query: Unpack[VoucherQuery]
    ) -> All:
        """HAVN's vouchers through all pages, one after the other; a page is fetched when it is needed.

        Args:
            per_page: Vouchers fetched at a time, 1 to 100.
            timeout: Seconds for each phase of each try of each page; the client's when None.
            **query: What to look for and in which order, see `VoucherQuery`.

        Raises:
            HAVNValidationError: An argument is wrong; raised by the first step of the iteration.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        return self._iterate(_each(self._session, per_page, query, timeout))

    def get_combined(
        self,
        local_vouchers_callback: LocalVouchersCallback | None = None,
        *,
        page: int = 1,
        per_page: int = 10,
        timeout: float | None = None,
        **query: Unpack[VoucherQuery],
    ) -> Page:
        """One page of the list that HAVN's vouchers and the caller's own make together.

        Both are filtered alike, sorted as one list and then cut into pages. Without `sort_by` HAVN's come
        first, in its order, then the local ones in theirs. HAVN's are fetched whole for each page.

        Args:
            local_vouchers_callback: Gives the local vouchers: `Voucher` objects, or mappings with HAVN's
                names or the usual looser ones (`voucher_code`, `discount_value`, `valid_until` …), in
                HAVN's units. The async client also takes a coroutine function. Its errors reach the caller.
            page: Number of the page, from 1.
            per_page: Vouchers on a page, 1 to 100.
            timeout: Seconds for each phase of each try of each call; the client's when None.
            **query: What to look for and in which order, see `VoucherQuery`.

        Raises:
            HAVNValidationError: An argument or a local voucher is wrong.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        return self._run_page(_combined(self._session, local_vouchers_callback, page, per_page, query, timeout))


def _validate(
    session: Session, voucher_code: object, amount: object, currency: object, timeout: object
) -> Flow[bool]:
    problems = Problems()
    trimmed = voucher_code.strip() if isinstance(voucher_code, str) else voucher_code
    body = VoucherValidateRequest(
        voucher_code=problems.text("voucher_code", trimmed, most=100, required=True) or "",
        amount=unset_if_none(problems.amount("amount", amount)),
        currency=unset_if_none(problems.currency("currency", currency)),
    )
    seconds = problems.timeout(timeout)
    problems.raise_any()
    # A success may have no body (HAVN's published clients), so only the status counts.
    yield from exchange(session, validate_voucher(body=body), timeout=seconds)
    return True


def _get_page(
    session: Session, page: object, per_page: object, query: Mapping[str, object], timeout: object
) -> Flow[VoucherPage]:
    problems = Problems()
    place = _place(page, per_page, problems)
    seconds = problems.timeout(timeout)
    wanted = checked_query(query, problems)
    problems.raise_any()
    return (yield from _fetch(session, *place, wanted, seconds))


def _each(session: Session, per_page: object, query: Mapping[str, object], timeout: object) -> Flow[None]:
    """Emits every voucher that HAVN has."""
    vouchers: tuple[Voucher, ...] = ()
    page = 1
    while page:
        vouchers, page = yield from _page_and_next(session, page, vouchers, per_page, query, timeout)
        yield Emit(vouchers)


def _page_and_next(
    session: Session,
    page: int,
    before: tuple[Voucher, ...],
    per_page: object,
    query: Mapping[str, object],
    timeout: object,
) -> Flow[tuple[tuple[Voucher, ...], int]]:
    """The vouchers of a page, and the number of the next one or 0.

    A page that is empty, or the one `before` it over again, is none: an answer which always promises another
    can't go on for ever.
    """
    found = yield from _get_page(session, page, per_page, query, timeout)
    if [each.raw for each in found.data] == [each.raw for each in before]:
        return (), 0
    return found.data, page + 1 if found.pagination.has_next else 0


def _combined(
    session: Session,
    callback: LocalVouchersCallback | None,
    page: object,
    per_page: object,
    query: Mapping[str, object],
    timeout: object,
) -> Flow[VoucherPage]:
    problems = Problems()
    number, size = _place(page, per_page, problems)
    wanted = checked_query(query, problems)
    if callback is not None and not callable(callback):
        problems.add("local_vouchers_callback", f"must be a function, not {type(callback).__name__}")
    problems.raise_any()
    now = datetime.fromtimestamp(session.clock.now(), UTC)
    local = read_local_vouchers((yield from _local_vouchers(callback)), now)
    found: list[Voucher] = []
    vouchers: tuple[Voucher, ...] = ()
    following = 1
    while following:
        vouchers, following = yield from _page_and_next(session, following, vouchers, MOST_PER_PAGE, query, timeout)
        found.extend(vouchers)
    found.extend(voucher for voucher in local if matches(voucher, wanted, now))
    return _cut(ordered(found, wanted.get("sort_by"), wanted.get("sort_order")), number, size)


def _local_vouchers(callback: LocalVouchersCallback | None) -> Flow[LocalVouchers]:
    """The caller's own vouchers, asked for before HAVN's: what is wrong with them costs no call."""
    if callback is None:
        return ()
    given: object = yield Invoke(callback, "local_vouchers_callback")
    if not isinstance(given, Iterable):
        reason = f"must give an iterable of vouchers, not {type(given).__name__}"
        raise HAVNValidationError(errors={"local_vouchers_callback": reason})
    return cast("LocalVouchers", given)


def _cut(vouchers: list[Voucher], page: int, per_page: int) -> VoucherPage:
    """One page of a list, and where it stands in it."""
    pages = -(-len(vouchers) // per_page)
    first = (page - 1) * per_page
    return VoucherPage(
        data=tuple(vouchers[first : first + per_page]),
        pagination=Pagination(
            page=page,
            per_page=per_page,
            total=len(vouchers),
            total_pages=pages,
            has_prev=page > 1,
            has_next=page < pages,
        ),
    )


def _place(page: object, per_page: object, problems: Problems) -> tuple[int, int]:
    """Page number and size, checked."""
    number = problems.number("page", page, least=1, required=True)
    size = problems.number("per_page", per_page, least=1, most=MOST_PER_PAGE, required=True)
    return number or 1, size or 1  # when either is missing or wrong, the call ends with its problems


def _fetch(
    session: Session, page: int, per_page: int, query: Mapping[str, Any], timeout: float | None
) -> Flow[VoucherPage]:
    given = {("type_" if name == "type" else name): value for name, value in query.items()}
    operation = list_vouchers(page=page, per_page=per_page, **given)

    def read(raw: dict[str, Any], answer: Answer) -> VoucherPage:
        return voucher_page(raw, request_id(answer))

    return (yield from exchange_json(session, operation, read, timeout=timeout))
