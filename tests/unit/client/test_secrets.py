"""No credential is ever printed: not in a repr, a message, a log record, an event or a traceback.

The records of the loggers `httpx` and `httpcore` are theirs: the SDK hands them no secret in an address, and
what they say about headers is out of its hands, so that the tests look at all other loggers.
"""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import FakeHAVN, RawServer, Reply, make_client, outcome, serve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from havn_ext import HAVNClient, HAVNError, HAVNValidationError, Hooks
from havn_ext._steps import Request, Send
from havn_ext.config import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes import AnyClient, Kind

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
RATES = {"rates": {"IDR": "0.0000625"}}
PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
CREDENTIALS = st.text(PRINTABLE, min_size=8, max_size=60)

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Records(logging.Handler):
    """What is logged, as a reader sees it, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(
            logging.Formatter(
                "%(name)s %(levelname)s %(message)s %(args)r %(havn_body)s", defaults={"havn_body": ""}
            )
        )
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a record."""
        if not record.name.startswith(("httpx", "httpcore")):
            self.lines.append(self.format(record))


def printed(kind: Kind, key: str, secret: str, script: Callable[[str, str], Any], call: Any, **options: Any) -> str:
    """Everything that one call lets a reader see, whatever it comes to."""
    records, root = Records(), logging.getLogger()
    level = root.level
    root.addHandler(records)
    root.setLevel(logging.DEBUG)
    try:
        shown = _printed(kind, key, secret, script(key, secret), call, options)
    finally:
        root.setLevel(level)
        root.removeHandler(records)
    return "\n".join([*shown, *records.lines])


def _printed(kind: Kind, key: str, secret: str, script: Any, call: Any, options: dict[str, Any]) -> list[str]:
    told: list[object] = []
    hooks = Hooks(on_request=told.append, on_response=told.append, on_retry=told.append, on_end=told.append)
    options = {"max_retries": 1, "hooks": hooks, **options}
    client = make_client(kind, FakeHAVN(script), api_key=key, webhook_secret=secret, **options)
    shown = [repr(client), str(client), repr(client.with_options(timeout=1)), repr(client._session)]
    try:
        result = outcome(call(client))
    except HAVNError as error:
        shown += [str(error), repr(error), repr(error.args)]
        shown += traceback.format_exception(error)
        shown += traceback.format_exception(pickle.loads(pickle.dumps(error)))  # noqa: S301  our own bytes
        shown += [repr(copy.copy(error))]
        shown += [repr(getattr(error, "original_error", None))]
    else:
        shown += [repr(result), str(result)]
    return shown + [str(event) for event in told]


def send(client: AnyClient) -> Any:
    """Reports a sale in rupiah."""
    return client.transactions.send(**{**SALE, "amount": 150_000, "currency": "IDR"})


def echo(status: int, body: Callable[[str], Any]) -> Callable[[str, str], Reply]:
    """A HAVN that says both credentials, in the same words each."""
    return lambda key, secret: Reply(status, body(f"{key} {secret}"))


def failing(error: Callable[[str], Exception]) -> Callable[[str, str], Exception]:
    """A network that fails without knowing any credential, as none does."""
    return lambda _key, _secret: error("it broke")


def sync(client: AnyClient) -> Any:
    """Makes a user known."""
    return client.users.sync("ada@example.com", "Ada")


def login(client: AnyClient) -> Any:
    """Asks for a login link."""
    return client.auth.login("ada@example.com")


PATHS: dict[str, tuple[Callable[[str, str], Any], Callable[[AnyClient], Any], dict[str, Any]]] = {
    "success": (echo(200, lambda _: {"user": {"email": "ada@example.com"}}), sync, {}),
    "bad call": (echo(200, lambda _: {}), send, {}),
    "bad rate": (echo(200, lambda _: {}), send, {"rates": {"IDR": 0.1}}),
    "inexact": (echo(200, lambda said: {"transaction": {"status": f"{said} FAILED", "amount": 1}}), send, RATES),
    "unreadable": (echo(200, lambda said: said.encode()), login, {}),
    "no address": (echo(200, lambda said: {"message": said}), login, {}),
    **{
        str(status): (echo(status, lambda said: {"message": said, "error": said, "details": [said]}), login, {})
        for status in (302, 400, 401, 404, 409, 418, 422, 429, 500)
    },
    "HTML": (echo(502, lambda said: f"<html>{said}".encode()), login, {}),
    "refused": (failing(httpx.ConnectError), login, {}),
    "timeout": (failing(httpx.ReadTimeout), login, {}),
    "garbage": (failing(httpx.RemoteProtocolError), login, {}),
}


@pytest.mark.parametrize("path", PATHS)
@few
@given(key=CREDENTIALS, secret=CREDENTIALS)
def test_no_path_prints_a_credential(kind: Kind, path: str, key: str, secret: str) -> None:
    """Whatever a call comes to, and whatever HAVN echoes, no reader of anything printed sees a credential."""
    script, call, options = PATHS[path]
    # Letters that are printed anyway, such as "HAVNError", are no credential's.
    innocent = printed(kind, "\x21" * 8, "\x7e" * 8, script, call, **options)
    assume(key not in innocent and secret not in innocent)
    shown = printed(kind, key, secret, script, call, **options)
    assert key not in shown
    assert secret not in shown


@pytest.mark.parametrize("path", ["unreadable", "no address", "inexact", "400", "429", "500"])
def test_no_request_id_prints_a_credential_or_an_address(kind: Kind, path: str) -> None:
    """What HAVN, or something in front of it, calls an exchange is masked wherever an error or a log tells it."""
    script, call, options = PATHS[path]

    def named(key: str, secret: str) -> Reply:
        reply: Reply = script(key, secret)
        return reply._replace(headers={"X-Request-Id": f"{key}/{secret} eve@example.com"})

    shown = printed(kind, "the_key_itself", "the_secret_itself", named, call, **options)
    assert "****" in shown
    for private in ("the_key_itself", "the_secret_itself", "eve@example.com"):
        assert private not in shown


def test_a_request_prints_where_it_goes_and_no_more() -> None:
    """Of a request under way nothing prints but method and path."""
    request = Request("POST", "/api", {"search": "Ada"}, {"X-API-Key": "key"}, b"body")
    assert repr(request) == str(request) == "Request(POST /api)"


def settings_printed(key: str, secret: str) -> str:
    """What settings, a request under way and refused credentials let a reader see."""
    chosen = resolve(api_key=key, webhook_secret=secret, environ={})
    request = Request("POST", "/", None, {"X-API-Key": key, "X-Signature": secret}, secret.encode())
    with pytest.raises(HAVNValidationError) as caught:
        HAVNClient(key + " ", secret + "\n")
    return f"{chosen!r} {chosen} {request!r} {Send(request, 1, 1)} {caught.value!r} {caught.value.errors}"


@few
@given(key=CREDENTIALS, secret=CREDENTIALS)
def test_no_setting_prints_a_credential(key: str, secret: str) -> None:
    """Neither settings, nor a request under way, nor a refused credential print it."""
    innocent = settings_printed("!" * 8, "~" * 8)
    assume(key not in innocent and secret not in innocent)
    shown = settings_printed(key, secret)
    assert key not in shown
    assert secret not in shown


def test_a_header_of_the_users_own_is_not_quoted(kind: Kind) -> None:
    """A header that HTTP can't carry, such as a gateway's token with a line end, is not shown."""
    headers = {"X-Gateway": "Bearer gw_0815\n"}
    supplied = httpx.Client(headers=headers) if kind == "sync" else httpx.AsyncClient(headers=headers)
    with pytest.raises(HAVNValidationError, match="Illegal header value") as caught, RawServer(serve) as server:
        outcome(login(make_client(kind, http_client=supplied, base_url=server.url)))
    shown = "".join(traceback.format_exception(caught.value))
    assert "gw_0815" not in shown
