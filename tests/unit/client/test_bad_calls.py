"""What the caller got wrong: one error names all of it, and HAVN hears of none of it."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import FakeHAVN, Reply, make_client, outcome

from havn_ext import AsyncHAVNClient, HAVNClient, HAVNValidationError, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes import AnyClient, Kind

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
USER: dict[str, Any] = {"email": "ada@example.com", "name": "Ada"}


def send(**fields: Any) -> Callable[[AnyClient], Any]:
    """A sale that is right but for `fields`; None leaves one out."""
    return lambda client: client.transactions.send(**{**SALE, **fields})


def sync(**fields: Any) -> Callable[[AnyClient], Any]:
    """A user that is right but for `fields`."""
    return lambda client: client.users.sync(**{**USER, **fields})


def bulk(users: Any, **shared: Any) -> Callable[[AnyClient], Any]:
    """A bulk call."""
    return lambda client: client.users.sync_bulk(users, **shared)


def many(users: Any, **shared: Any) -> Callable[[AnyClient], Any]:
    """A bulk call of any length."""
    return lambda client: client.users.sync_many(users, **shared)


def validate(*arguments: Any, **others: Any) -> Callable[[AnyClient], Any]:
    """A question about a voucher."""
    return lambda client: client.vouchers.validate(*arguments, **others)


def listed(**query: Any) -> Callable[[AnyClient], Any]:
    """One page of vouchers."""
    return lambda client: client.vouchers.get_all(**query)


def walked(**query: Any) -> Callable[[AnyClient], Any]:
    """All pages of vouchers."""
    return lambda client: client.vouchers.iter_all(**query)


def combined(callback: Any = None, **query: Any) -> Callable[[AnyClient], Any]:
    """HAVN's and local vouchers."""
    return lambda client: client.vouchers.get_combined(callback, **query)


def login(*arguments: Any, **others: Any) -> Callable[[AnyClient], Any]:
    """A login link."""
    return lambda client: client.auth.login(*arguments, **others)


async def some_users() -> Any:
    """An async iterable of users."""
    yield USER


BAD_CALLS: dict[str, tuple[Callable[[AnyClient], Any], set[str]]] = {
    # transactions: the amount
    "amount none": (send(amount=None), {"amount"}),
    "amount bool": (send(amount=True), {"amount"}),
    "amount float": (send(amount=10.0), {"amount"}),
    "amount str": (send(amount="1000"), {"amount"}),
    "amount zero": (send(amount=0), {"amount"}),
    "amount negative": (send(amount=-1), {"amount"}),
    "amount too large": (send(amount=1_000_000_001), {"amount"}),
    "amount list": (send(amount=[1]), {"amount"}),
    # transactions: who and which payment
    "no payment id": (send(payment_gateway_transaction_id=None), {"payment_gateway_transaction_id"}),
    "empty payment id": (send(payment_gateway_transaction_id=""), {"payment_gateway_transaction_id"}),
    "blank payment id": (send(payment_gateway_transaction_id="  "), {"payment_gateway_transaction_id"}),
    "payment id int": (send(payment_gateway_transaction_id=7), {"payment_gateway_transaction_id"}),
    "payment id too long": (send(payment_gateway_transaction_id="p" * 201), {"payment_gateway_transaction_id"}),
    "payment id list": (send(payment_gateway_transaction_id=["pay_1"]), {"payment_gateway_transaction_id"}),
    "customer email list": (send(customer_email=["ada@example.com"]), {"customer_email"}),
    "no customer": (send(customer_id=None), {"customer_email", "customer_id"}),
    "empty customer": (send(customer_id="", customer_email=""), {"customer_email", "customer_id"}),
    "no ids at all": (
        send(payment_gateway_transaction_id=None, customer_id=None),
        {"payment_gateway_transaction_id", "customer_email", "customer_id"},
    ),
    "everything wrong at once": (
        send(amount=0, payment_gateway_transaction_id=None, customer_id=None, currency="XXX", timeout=-1),
        {"amount", "payment_gateway_transaction_id", "customer_email", "customer_id", "currency", "timeout"},
    ),
    "customer id int": (send(customer_id=7), {"customer_id"}),
    "customer email": (send(customer_email="ada@"), {"customer_email"}),
    "customer email with a space": (send(customer_email="ada lovelace@example.com"), {"customer_email"}),
    # transactions: vouchers and codes
    "subtotal below amount": (send(subtotal_transaction=999, promo_code="HAVN-X"), {"subtotal_transaction"}),
    "subtotal without code": (send(subtotal_transaction=1001), {"promo_code"}),
    "subtotal with blank code": (send(subtotal_transaction=1001, promo_code="  "), {"promo_code"}),
    "subtotal float": (send(subtotal_transaction=1001.0), {"subtotal_transaction"}),
    "subtotal too large": (send(subtotal_transaction=10**10, promo_code="HAVN-X"), {"subtotal_transaction"}),
    "promo code too long": (send(promo_code="HAVN-" + "X" * 96), {"promo_code"}),
    "promo code int": (send(promo_code=1), {"promo_code"}),
    "referral code too short": (send(referral_code="AB"), {"referral_code"}),
    "referral code too long": (send(referral_code="H" * 51), {"referral_code"}),
    # transactions: currency
    "unknown currency": (send(currency="XXX"), {"currency"}),
    "currency none of text": (send(currency=840), {"currency"}),
    "rupiah unconverted": (send(currency="IDR"), {"currency"}),
    "rupiah in lower case unconverted": (send(currency=" idr "), {"currency"}),
    # transactions: the rest
    "customer type": (send(customer_type="new"), {"customer_type"}),
    "custom fields eleven": (send(custom_fields={str(n): n for n in range(11)}), {"custom_fields"}),
    "custom fields list": (send(custom_fields=[1]), {"custom_fields"}),
    "custom fields nested": (send(custom_fields={"a": {"b": 1}}), {"custom_fields.a"}),
    "custom fields null": (send(custom_fields={"a": None}), {"custom_fields.a"}),
    "custom fields nan": (send(custom_fields={"a": float("nan")}), {"custom_fields.a"}),
    "custom fields infinite": (
        send(custom_fields={"a": float("inf"), "b": []}),
        {"custom_fields.a", "custom_fields.b"},
    ),
    "custom fields int key": (send(custom_fields={1: "a"}), {"custom_fields"}),
    "invoice id too long": (send(invoice_id="i" * 101), {"invoice_id"}),
    "payment gateway too long": (send(payment_gateway="g" * 101), {"payment_gateway"}),
    "is_recurring word": (send(is_recurring="yes"), {"is_recurring"}),
    "server_side_conversion word": (send(server_side_conversion="yes"), {"server_side_conversion"}),
    "description bytes": (send(description=b"text"), {"description"}),
    "timeout zero": (send(timeout=0), {"timeout"}),
    "timeout nan": (send(timeout=float("nan")), {"timeout"}),
    "timeout object": (send(timeout=object()), {"timeout"}),
    # users
    "user without email": (sync(email=None), {"email"}),
    "user with a bad email": (sync(email="ada.example.com"), {"email"}),
    "user with two addresses": (sync(email="a@example.com,b@example.com"), {"email"}),
    "user without name": (sync(name="  "), {"name"}),
    "user with a long name": (sync(name="n" * 201), {"name"}),
    "user with nothing": (sync(email=None, name=None), {"email", "name"}),
    "country of three letters": (sync(country_code="IDN"), {"country_code"}),
    "country of digits": (sync(country_code="62"), {"country_code"}),
    "country beyond ascii": (sync(country_code="ÄÖ"), {"country_code"}),
    "upline code too short": (sync(upline_code="AB"), {"upline_code"}),
    "owner word": (sync(is_owner="yes"), {"is_owner"}),
    "google id int": (sync(google_id=1), {"google_id"}),
    "sync timeout": (sync(timeout="soon"), {"timeout"}),
    "bulk of none": (bulk([]), {"users"}),
    "bulk of fifty-one": (bulk([USER] * 51), {"users"}),
    "bulk of text": (bulk("ada@example.com"), {"users"}),
    "bulk of one dict": (bulk(USER), {"users"}),
    "bulk of a number": (bulk(7), {"users"}),
    "bulk of words": (bulk(["ada"]), {"users[0]"}),
    "bulk of an async iterable": (lambda client: client.users.sync_bulk(some_users()), {"users"}),
    "bulk with bad users": (
        bulk([USER, {"email": "ada"}, {**USER, "age": 7}]),
        {"users[1].email", "users[1].name", "users[2].age"},
    ),
    "bulk with bad shared fields": (bulk([USER], upline_code="A", is_owner=1), {"upline_code", "is_owner"}),
    "many of text": (many("ada@example.com"), {"users"}),
    "many of one dict": (many(USER), {"users"}),
    "many of a number": (many(7), {"users"}),
    "batch of none": (many([USER], batch_size=0), {"batch_size"}),
    "batch of fifty-one": (many([USER], batch_size=51), {"batch_size"}),
    "batch of a half": (many([USER], batch_size=0.5), {"batch_size"}),
    "many with bad arguments": (many(7, referral_code="A", timeout=0), {"users", "referral_code", "timeout"}),
    # vouchers
    "no voucher": (validate(None), {"voucher_code"}),
    "blank voucher": (validate("  "), {"voucher_code"}),
    "voucher too long": (validate("V" * 101), {"voucher_code"}),
    "voucher with bad terms": (validate("V", 0, "XXX", timeout=0), {"amount", "currency", "timeout"}),
    "voucher for a float": (validate("V", 9.99), {"amount"}),
    "page zero": (listed(page=0), {"page"}),
    "page bool": (listed(page=True), {"page"}),
    "page and per_page None": (listed(page=None, per_page=None), {"page", "per_page"}),
    "per_page of a hundred and one": (listed(per_page=101), {"per_page"}),
    "filters of the wrong type": (
        listed(active="yes", type="PERCENT", currency=1, search=2, min_value="3", start_date_from="soon"),
        {"active", "type", "currency", "search", "min_value", "start_date_from"},
    ),
    "negative filter": (listed(min_purchase_from=-1), {"min_purchase_from"}),
    "unknown order": (listed(sort_by="price", sort_order="up"), {"sort_by", "sort_order"}),
    "unknown filter": (listed(colour="red"), {"colour"}),
    "moment that is a number": (listed(created_from=20250101), {"created_from"}),
    "search with a lone surrogate": (listed(search="\ud800"), {"request"}),
    "search beyond any address": (listed(search="x" * 70_000), {"request"}),
    "walk with a bad page size": (walked(per_page=0), {"per_page"}),
    "walk with an unknown filter": (walked(colour="red"), {"colour"}),
    "combined page zero": (combined(page=0, per_page=0), {"page", "per_page"}),
    "combined without a function": (combined([{"code": "LOCAL"}]), {"local_vouchers_callback"}),
    "local vouchers that are none": (combined(lambda: None), {"local_vouchers_callback"}),
    "local vouchers of words": (combined(lambda: ["LOCAL"]), {"local_vouchers[0]"}),
    "local vouchers in dollars": (
        combined(lambda: [{"code": "LOCAL", "value": 9.99}, {"value": 1}]),
        {"local_vouchers[0].value", "local_vouchers[1].code"},
    ),
    # auth
    "login of nobody": (login(None), {"email"}),
    "login of an empty address": (login(" "), {"email"}),
    "login of a bad address": (login("ada@@example.com"), {"email"}),
    "login of bytes": (login(b"ada@example.com"), {"email"}),
    "login with a bad timeout": (login("ada@example.com", timeout=float("inf")), {"timeout"}),
}


@pytest.mark.parametrize(("call", "fields"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_a_bad_call_names_its_fields_and_sends_nothing(
    kind: Kind, call: Callable[[AnyClient], Any], fields: set[str]
) -> None:
    """A call that is wrong raises one `HAVNValidationError` with exactly the fields at fault, and sends nothing."""
    havn = FakeHAVN()
    client = make_client(kind, havn)
    with pytest.raises(HAVNValidationError) as caught:
        outcome(call(client))
    assert set(caught.value.errors) == fields
    assert havn.requests == []


@pytest.mark.parametrize(("call", "fields"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_the_error_of_a_bad_call_travels(call: Callable[[AnyClient], Any], fields: set[str]) -> None:
    """A validation error survives a pickle with its fields, and is a `ValueError` too."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        outcome(call(make_client("sync", FakeHAVN())))
    travelled = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  our own bytes
    assert isinstance(travelled, HAVNValidationError)
    assert (str(travelled), set(travelled.errors)) == (str(caught.value), fields)


@pytest.mark.parametrize("length", [51, 1000])
def test_a_bulk_call_above_the_limit_says_what_to_use(kind: Kind, length: int) -> None:
    """More users than one call takes is an error that names `sync_many`."""
    with pytest.raises(HAVNValidationError, match="sync_many"):
        outcome(bulk([USER] * length)(make_client(kind, FakeHAVN())))


def test_a_lowered_bulk_limit_counts(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """`USER_SYNC_BULK_MAX_SIZE` lowers both the limit of `sync_bulk` and the batches of `sync_many`."""
    monkeypatch.setenv("USER_SYNC_BULK_MAX_SIZE", "2")
    havn = FakeHAVN(Reply(body={"results": []}))
    client = make_client(kind, havn)
    with pytest.raises(HAVNValidationError, match="at most 2 in one call"):
        outcome(bulk([USER] * 3)(client))
    outcome(many([USER] * 3)(client))
    assert len(havn.requests) == 2


# ── functions of the caller's ────────────────────────────────────────────────────────────────────


async def rate(_currency: str) -> str:
    """A rate that only the async client can wait for."""
    return "0.0000625"


async def local_vouchers() -> list[dict[str, Any]]:
    """Local vouchers that only the async client can wait for."""
    return []


COROUTINE_FUNCTIONS: dict[str, tuple[dict[str, Any], Callable[[AnyClient], Any], set[str]]] = {
    "rates": ({"rates": rate}, send(currency="IDR"), {"rates"}),
    "callback": ({}, combined(local_vouchers), {"local_vouchers_callback"}),
    "users": ({}, lambda client: client.users.sync_many(some_users()), {"users"}),
}


@pytest.mark.parametrize(("options", "call", "fields"), COROUTINE_FUNCTIONS.values(), ids=COROUTINE_FUNCTIONS)
def test_the_sync_client_refuses_what_must_be_awaited(
    options: dict[str, Any], call: Callable[[AnyClient], Any], fields: set[str]
) -> None:
    """What only the async client can await is refused by the sync one, by its name, before anything is sent."""
    havn = FakeHAVN()
    with pytest.raises(HAVNValidationError, match="AsyncHAVNClient") as caught:
        outcome(call(make_client("sync", havn, **options)))
    assert set(caught.value.errors) == fields
    assert havn.requests == []


BAD_RATES: dict[str, tuple[Any, set[str]]] = {
    "none for the currency": ({}, {"currency"}),
    "function with none": (lambda _currency: None, {"currency"}),
    "float": ({"IDR": 0.0000625}, {"exchange_rate"}),
    "zero": ({"IDR": "0"}, {"exchange_rate"}),
    "negative": (lambda _currency: "-1", {"exchange_rate"}),
    "word": ({"IDR": "cheap"}, {"exchange_rate"}),
    "too small to give a cent": ({"IDR": "0.00000001"}, {"amount"}),
    "too large": ({"IDR": "1000000"}, {"amount"}),
}


@pytest.mark.parametrize(("rates", "fields"), BAD_RATES.values(), ids=BAD_RATES)
def test_a_bad_rate_stops_the_sale(kind: Kind, rates: Any, fields: set[str]) -> None:
    """A rate that gives no acceptable amount in US cents is refused before anything is sent."""
    havn = FakeHAVN()
    with pytest.raises(HAVNValidationError) as caught:
        outcome(send(currency="IDR", amount=50_000)(make_client(kind, havn, rates=rates)))
    assert set(caught.value.errors) == fields
    assert havn.requests == []


@pytest.mark.parametrize(
    "custom_fields",
    [
        {"exchange_rate": "1"},
        {"original_amount": 1, "original_currency": "IDR"},
        {str(n): n for n in range(8)},
    ],
    ids=["one name taken", "two names taken", "no room left"],
)
def test_custom_fields_leave_room_for_the_audit(kind: Kind, custom_fields: dict[str, Any]) -> None:
    """The caller's entries may neither have the names nor take the room of the entries of a conversion."""
    havn = FakeHAVN()
    client = make_client(kind, havn, rates={"IDR": "0.0000625"})
    with pytest.raises(HAVNValidationError, match="conversion") as caught:
        outcome(send(currency="IDR", amount=150_000, custom_fields=custom_fields)(client))
    assert set(caught.value.errors) == {"custom_fields"}
    assert havn.requests == []


# ── building a client ────────────────────────────────────────────────────────────────────────────

GOOD: dict[str, Any] = {"api_key": "key_12345", "webhook_secret": "secret_12345"}

BAD_SETTINGS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({"api_key": None, "webhook_secret": None}, {"api_key", "webhook_secret"}),
    "empty key": ({"api_key": ""}, {"api_key"}),
    "key with a newline": ({"api_key": "key_12345\n"}, {"api_key"}),
    "secret with a space": ({"webhook_secret": "secret 12345"}, {"webhook_secret"}),
    "key beyond ascii": ({"api_key": "schlüssel"}, {"api_key"}),
    "key of bytes": ({"api_key": b"key_12345"}, {"api_key"}),
    "base_url without scheme": ({"base_url": "api.havn.com"}, {"base_url"}),
    "base_url with credentials": ({"base_url": "https://me:pw@api.havn.com"}, {"base_url"}),
    "base_url with a query": ({"base_url": "https://api.havn.com?x=1"}, {"base_url"}),
    "timeout zero": ({"timeout": 0}, {"timeout"}),
    "timeout word": ({"timeout": "long"}, {"timeout"}),
    "timeout bool": ({"timeout": True}, {"timeout"}),
    "retries negative": ({"max_retries": -1}, {"max_retries"}),
    "retries a half": ({"max_retries": 0.5}, {"max_retries"}),
    "retries too many": ({"max_retries": 101}, {"max_retries"}),
    "backoff negative": ({"backoff_factor": -0.1}, {"backoff_factor"}),
    "test_mode word": ({"test_mode": "yes"}, {"test_mode"}),
    "retry with max_retries": ({"retry": RetryPolicy(), "max_retries": 1}, {"retry"}),
    "retry with backoff_factor": ({"retry": RetryPolicy(), "backoff_factor": 1}, {"retry"}),
    "retry a number": ({"retry": 3}, {"retry"}),
    "rates a number": ({"rates": 16000}, {"rates"}),
    "http_client a string": ({"http_client": "httpx"}, {"http_client"}),
    "everything wrong at once": (
        {"api_key": "", "timeout": 0, "rates": 1, "retry": 3, "http_client": 1},
        {"api_key", "timeout", "rates", "retry", "http_client"},
    ),
}


@pytest.mark.parametrize("maker", [HAVNClient, AsyncHAVNClient])
@pytest.mark.parametrize(("settings", "fields"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_a_client_is_not_built_from_bad_settings(
    maker: type[AnyClient], settings: dict[str, Any], fields: set[str]
) -> None:
    """A client refuses all of its bad settings in one error, by name."""
    with pytest.raises(HAVNValidationError) as caught:
        maker(**{**GOOD, **settings})
    assert set(caught.value.errors) == fields


@pytest.mark.parametrize(
    ("field", "variable"), [("api_key", "HAVN_API_KEY"), ("webhook_secret", "HAVN_WEBHOOK_SECRET")]
)
@pytest.mark.parametrize("value", [None, "key 12345", "key_12345\n"], ids=["missing", "white space", "newline"])
@pytest.mark.parametrize("maker", [HAVNClient, AsyncHAVNClient])
def test_a_bad_credential_is_named_by_its_variable(
    maker: type[AnyClient], field: str, variable: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A credential that is missing, or that the environment spoils, is named by its variable and never quoted."""
    if value is not None:
        monkeypatch.setenv(variable, value)
    with pytest.raises(HAVNValidationError) as caught:
        maker(**{**GOOD, field: None})
    assert variable in caught.value.errors[field]
    assert value is None or value not in str(caught.value)


def test_the_http_client_of_the_other_kind_is_refused() -> None:
    """Each client takes httpx's client of its own kind alone."""
    with pytest.raises(HAVNValidationError, match=r"http_client: must be an httpx\.Client, not AsyncClient"):
        HAVNClient(**GOOD, http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    with pytest.raises(HAVNValidationError, match=r"http_client: must be an httpx\.AsyncClient, not Client"):
        AsyncHAVNClient(**GOOD, http_client=httpx.Client())  # type: ignore[arg-type]


BAD_OPTIONS: dict[str, tuple[dict[str, Any], set[str]]] = {
    name: case
    for name, case in BAD_SETTINGS.items()
    if case[1] <= {"timeout", "max_retries", "backoff_factor", "test_mode", "retry", "rates"}
}


@pytest.mark.parametrize(("options", "fields"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_a_client_is_not_derived_with_bad_options(kind: Kind, options: dict[str, Any], fields: set[str]) -> None:
    """`with_options` refuses what building a client refuses."""
    client = make_client(kind, FakeHAVN())
    with pytest.raises(HAVNValidationError) as caught:
        client.with_options(**options)
    assert set(caught.value.errors) == fields
