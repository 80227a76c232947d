"""What hooks are told of a call, in which order, and that no hook can harm one."""

from __future__ import annotations

import asyncio
import inspect
import logging
import pickle
from typing import TYPE_CHECKING, Any, cast

import attrs
import httpx
import pytest
from fakes import API_KEY, WEBHOOK_SECRET, FakeClock, FakeHAVN, Reply, make_client, outcome, settled, timed
from hypothesis import given
from hypothesis import strategies as st

from havn_ext import (
    AsyncHAVNClient,
    EndEvent,
    HAVNClient,
    HAVNError,
    HAVNNetworkError,
    HAVNServerError,
    HAVNValidationError,
    Hooks,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    RetryPolicy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes import AnyClient, Kind, Script

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
USERS = [{"email": f"user{number}@example.com", "name": f"User {number}"} for number in range(4)]
BUSY = Reply(503, {"message": "Busy"}, {"X-Request-Id": "req_busy"})
LIMITED = Reply(429, {"message": "Slow down"}, {"Retry-After": "7"})
FINE = Reply(body={"data": {"redirect_url": "https://app.example.com/"}}, headers={"X-Request-Id": "req_fine"})
NAMES = ["on_request", "on_response", "on_retry", "on_end"]


def listening(told: list[Any]) -> dict[str, Any]:
    """All four hooks, which put what they are told into one list."""
    return dict.fromkeys(NAMES, told.append)


def watched(kind: Kind, *script: Script, call: Any = None, **options: Any) -> tuple[Any, list[Any]]:
    """What a sale (or another call) comes to, and what the hooks were told. An error is an outcome here."""
    told: list[Any] = []
    client = make_client(kind, FakeHAVN(*script), **listening(told), **options)
    try:
        result = outcome((call or (lambda client: client.transactions.send(**SALE)))(client))
    except HAVNError as error:
        result = error
    return result, told


def names(told: list[Any]) -> list[str]:
    """The kinds of events, in their order."""
    return [type(event).__name__.removesuffix("Event").lower() for event in told]


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def test_a_call_that_succeeds_at_once_is_three_events(kind: Kind) -> None:
    """A try begins, is answered, and the call ends: method, path, address, status and HAVN's request id."""
    _, told = watched(kind, FINE, test_mode=True)
    request, response, end = told
    assert isinstance(request, RequestEvent)
    assert isinstance(response, ResponseEvent)
    assert isinstance(end, EndEvent)
    assert (request.method, request.path) == ("POST", "/api/v1/webhook/transaction")
    assert request.url == "https://api.havn.com/api/v1/webhook/transaction"
    assert (request.attempt, request.test_mode) == (1, True)
    assert (response.attempt, response.status, response.request_id, response.error) == (1, 200, "req_fine", None)
    assert (end.attempts, end.status, end.request_id, end.error, end.reason) == (1, 200, "req_fine", None, None)


def test_every_try_and_every_wait_is_told(kind: Kind) -> None:
    """Tries and waits come in the order in which they happen, each with its number, its wait and its reason."""
    _, told = watched(kind, BUSY, LIMITED, httpx.ReadTimeout("slow"), FINE)
    assert names(told) == ["request", "response", "retry"] * 3 + ["request", "response", "end"]
    retries = [event for event in told if isinstance(event, RetryEvent)]
    assert [(each.attempt, each.wait, each.status, each.error) for each in retries] == [
        (1, 0.5, 503, "HAVNServerError"),
        (2, 7.0, 429, "HAVNRateLimitError"),
        (3, 2.0, None, "HAVNTimeoutError"),
    ]
    assert [each.rate_limited for each in retries] == [False, True, False]
    responses = [event for event in told if isinstance(event, ResponseEvent)]
    assert [each.error for each in responses] == [*(each.error for each in retries), None]
    assert [each.reason for each in responses] == [*(each.reason for each in retries), None]
    assert responses[0].reason == "Busy"
    assert [each.attempt for each in told if isinstance(each, RequestEvent)] == [1, 2, 3, 4]
    assert told[-1].attempts == 4


def test_a_call_that_fails_ends_with_its_error(kind: Kind) -> None:
    """The end names the class of the error that the caller gets, and its status."""
    error, told = watched(kind, BUSY, max_retries=1)
    assert isinstance(error, HAVNServerError)
    assert names(told) == ["request", "response", "retry", "request", "response", "end"]
    assert (told[-1].status, told[-1].request_id) == (503, "req_busy")
    assert (told[-1].error, told[-1].reason) == ("HAVNServerError", "Busy")


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (lambda client: client.auth.login("ada@example.com"), b"<html>"),
        (lambda client: client.auth.login("ada@example.com"), {"data": {}}),
        (lambda client: client.vouchers.get_all(), b"[]"),
    ],
    ids=["no JSON", "no address", "no object"],
)
def test_a_success_that_can_not_be_read_is_an_error_with_its_status(kind: Kind, call: Any, body: Any) -> None:
    """What is wrong with a success is told too: the status says that HAVN has processed the call."""
    _, told = watched(kind, Reply(200, body), call=call)
    assert names(told) == ["request", "response", "end"]
    assert {(event.status, event.error) for event in told[1:]} == {(200, "HAVNResponseError")}


def test_a_conversion_that_was_not_exact_is_told(kind: Kind) -> None:
    """An error that the client finds in a readable answer is told like any other."""
    reply = Reply(body={"transaction": {"status": "FAILED", "amount": 1}})
    _, told = watched(
        kind,
        reply,
        call=lambda client: client.transactions.send(**{**SALE, "amount": 150_000, "currency": "IDR"}),
        rates={"IDR": "0.0000625"},
    )
    assert (told[-1].status, told[-1].error) == (200, "HAVNConversionError")


def test_a_call_that_is_refused_here_is_not_told(kind: Kind) -> None:
    """A call that the SDK refuses sends nothing, and there is nothing to tell."""
    error, told = watched(kind, FINE, call=lambda client: client.auth.login("nobody"))
    assert isinstance(error, HAVNValidationError)
    assert told == []


def test_a_sleep_past_the_deadline_is_an_end(kind: Kind) -> None:
    """When no try follows a wait, because it took too long, the call still ends once."""
    _, told = watched(kind, BUSY, clock=FakeClock(oversleep=500))
    assert names(told) == ["request", "response", "retry", "end"]
    assert (told[-1].attempts, told[-1].error, told[-1].duration) == (1, "HAVNServerError", 500.5)


def test_durations_are_seconds(kind: Kind) -> None:
    """A try's duration is its own; the call's has the waits as well."""
    clock = FakeClock()

    def slowly(_request: httpx.Request) -> Reply:
        clock.pass_by(3)
        return BUSY

    _, told = watched(kind, slowly, max_retries=1, clock=clock)
    assert [event.duration for event in told if isinstance(event, ResponseEvent)] == [3.0, 3.0]
    assert told[-1].duration == 6.5


def test_events_of_one_call_have_one_id(kind: Kind) -> None:
    """All events of a call carry the same id, and no other call's."""
    told: list[Any] = []
    client = make_client(kind, FakeHAVN(BUSY, FINE), **listening(told))
    settled(client, *[lambda client: client.auth.login("ada@example.com")] * 2)
    first, second = {event.call_id for event in told[:6]}, {event.call_id for event in told[6:]}
    assert (len(first), len(second), len(first | second)) == (1, 1, 2)


EVERY_CALL: dict[str, tuple[Callable[[AnyClient], Any], int]] = {
    "send": (lambda client: client.transactions.send(**SALE), 1),
    "sync": (lambda client: client.users.sync("ada@example.com", "Ada"), 1),
    "sync_bulk": (lambda client: client.users.sync_bulk(USERS), 1),
    "sync_many": (lambda client: client.users.sync_many(USERS, batch_size=2), 2),
    "sync_many, two at once": (lambda client: client.users.sync_many(USERS, batch_size=2, concurrency=2), 2),
    "validate": (lambda client: client.vouchers.validate("HAVN-A"), 1),
    "get_all": (lambda client: client.vouchers.get_all(search="Ada"), 1),
    "iter_all": (lambda client: client.vouchers.iter_all(), 1),
    "get_combined": (lambda client: client.vouchers.get_combined(), 1),
    "login": (lambda client: client.auth.login("ada@example.com"), 1),
}


@pytest.mark.parametrize(("call", "calls"), EVERY_CALL.values(), ids=EVERY_CALL)
def test_every_operation_is_told(kind: Kind, call: Callable[[AnyClient], Any], calls: int) -> None:
    """Whichever operation it is: each of its HTTP calls begins once, and ends once."""
    _, told = watched(kind, FINE, call=call)
    ids = [event.call_id for event in told if isinstance(event, RequestEvent)]
    assert len(ids) == calls
    assert sorted(ids) == sorted(event.call_id for event in told if isinstance(event, EndEvent))
    assert all("?" not in event.url and event.url.endswith(event.path) for event in told)


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://user:hunter22@havn.example:8443/api/?key=k", "https://havn.example:8443/api"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_the_address_of_a_supplied_client_is_told_without_credentials(
    kind: Kind, base_url: str, expected: str
) -> None:
    """Where the HTTP client brings the base URL, events have it without what is secret in it."""
    told: list[Any] = []
    transport = httpx.MockTransport(FakeHAVN(FINE))
    supplied = (
        httpx.Client(transport=transport, base_url=base_url)
        if kind == "sync"
        else httpx.AsyncClient(transport=transport, base_url=base_url)
    )
    client = make_client(kind, http_client=supplied, **listening(told))
    settled(client, lambda client: client.auth.login("ada@example.com"))
    assert {event.url for event in told} == {expected + "/api/v1/webhook/login"}


# ── what is not told ─────────────────────────────────────────────────────────────────────────────


def test_events_hold_plain_data() -> None:
    """Every field of an event is a string, a number, a flag or None: no body, no headers, no live error."""
    for event in (RequestEvent, ResponseEvent, RetryEvent, EndEvent):
        kinds = {str(field.type) for field in attrs.fields(event)}
        assert kinds <= {"str", "str | None", "int", "int | None", "float", "bool"}


def test_events_are_frozen_and_travel(kind: Kind) -> None:
    """An event can't be changed, equals its like, and pickles."""
    _, told = watched(kind, BUSY, FINE)
    for event in told:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            event.method = "GET"
        assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301  our own bytes


TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=40)


@given(secret=TEXT, name=st.from_regex(r"[a-z]{3}QZX[a-z]{5,20}", fullmatch=True))
def test_no_event_tells_a_secret_or_a_person(secret: str, name: str) -> None:
    """Whatever HAVN echoes, in body or request id, no event holds the secret or the person's address."""
    email = f"{name}@example.com"
    echo = Reply(503, {"message": f"{secret} {email}"}, {"X-Request-Id": f"r-{secret}-{email}"})
    told: list[Any] = []
    client = make_client("sync", FakeHAVN(echo, echo), webhook_secret=secret, max_retries=1, **listening(told))
    with pytest.raises(HAVNServerError):
        outcome(client.users.sync(email, name))
    said = [str(value) for event in told for value in attrs.asdict(event).values()]
    innocent = {"POST", "/api/v1/webhook/user-sync", "https://api.havn.com/api/v1/webhook/user-sync"}
    assert not [each for each in said if each not in innocent and (secret in each or name in each)]


# ── hooks that fail ──────────────────────────────────────────────────────────────────────────────


def failing(_event: object) -> None:
    """A hook with a bug."""
    raise RuntimeError("the hook's own fault")


async def failing_later(_event: object) -> None:
    """A hook with a bug behind an await."""
    await asyncio.sleep(0)
    raise RuntimeError("the hook's own fault")


@pytest.mark.parametrize("hook", NAMES)
@pytest.mark.parametrize(("kind", "broken"), [("sync", failing), ("async", failing), ("async", failing_later)])
def test_a_hook_that_raises_costs_nothing(
    kind: Kind, hook: str, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever hook raises, each time: the call goes on to its result, and the log has the traceback."""
    told: list[Any] = []
    client = make_client(kind, FakeHAVN(BUSY, FINE), **{hook: broken}, hooks=Hooks(on_end=told.append))
    (link,) = settled(client, lambda client: client.auth.login("ada@example.com"))
    assert link == "https://app.example.com/"
    assert told[0].error is None
    records = [record for record in caplog.records if record.levelname == "ERROR"]
    assert records
    for record in records:
        assert record.name == "havn.client"
        assert record.getMessage() == f"the hook {broken.__name__} failed; the call goes on"
        assert record.exc_info is not None
        assert isinstance(record.exc_info[1], RuntimeError)


def test_a_hook_that_raises_does_not_keep_others_from_being_told(kind: Kind) -> None:
    """After a hook that raises the next one is told all the same."""
    told: list[Any] = []
    client = make_client(
        kind,
        FakeHAVN(BUSY, FINE),
        hooks=[Hooks(**dict.fromkeys(NAMES, failing)), Hooks(**listening(told))],
    )
    settled(client, lambda client: client.auth.login("ada@example.com"))
    assert names(told) == ["request", "response", "retry", "request", "response", "end"]


def test_a_hook_may_interrupt(kind: Kind) -> None:
    """What is meant to end the program, such as Ctrl-C, ends the call too."""

    def interrupt(_event: object) -> None:
        raise KeyboardInterrupt

    client = make_client(kind, FakeHAVN(FINE), on_response=interrupt)
    with pytest.raises(KeyboardInterrupt):
        settled(client, lambda client: client.auth.login("ada@example.com"))


@pytest.mark.parametrize("hook", NAMES)
def test_an_interrupt_in_a_hook_keeps_no_other_from_being_told(kind: Kind, hook: str) -> None:
    """When Ctrl-C hits in a hook, the other hooks are told of that event, and of the end of the call."""

    def interrupt(_event: object) -> None:
        raise KeyboardInterrupt

    before, after = list[Any](), list[Any]()
    bundles = [Hooks(**listening(before)), Hooks(**{hook: interrupt}), Hooks(**listening(after))]
    client = make_client(kind, FakeHAVN(BUSY, FINE), hooks=bundles)
    with pytest.raises(KeyboardInterrupt):
        settled(client, lambda client: client.auth.login("ada@example.com"))
    assert names(before) == names(after)
    assert hook.removeprefix("on_") in names(after)
    assert names(after).count("end") == 1
    assert before[-1].error == after[-1].error == (None if hook == "on_end" else "KeyboardInterrupt")


def test_a_log_that_is_interrupted_leaves_the_end_told(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """When Ctrl-C hits in a handler of the log line, the hooks are told of the end all the same."""

    class Interrupted(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            del record
            raise KeyboardInterrupt

    caplog.set_level(logging.INFO, "havn.client")
    told: list[Any] = []
    handler = Interrupted()
    client = make_client(kind, FakeHAVN(FINE), **listening(told))
    logging.getLogger("havn.client").addHandler(handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            settled(client, lambda client: client.auth.login("ada@example.com"))
    finally:
        logging.getLogger("havn.client").removeHandler(handler)
    assert names(told) == ["request", "response", "end"]
    assert told[-1].error == "KeyboardInterrupt"


def gives_up(_event: object) -> None:
    """A plain hook that asks a future which somebody has cancelled."""
    raise asyncio.CancelledError


async def gives_up_later(_event: object) -> None:
    """A hook that awaits something which somebody has cancelled."""
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


@pytest.mark.parametrize("hook", NAMES)
@pytest.mark.parametrize(("kind", "broken"), [("sync", gives_up), ("async", gives_up), ("async", gives_up_later)])
def test_a_cancellation_of_something_else_costs_nothing(
    kind: Kind, hook: str, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A `CancelledError` out of a hook, when nobody has cancelled the caller's task, is a hook that failed."""
    client = make_client(kind, FakeHAVN(BUSY, FINE), **{hook: broken})
    (link,) = settled(client, lambda client: client.auth.login("ada@example.com"))
    assert link == "https://app.example.com/"
    assert f"the hook {broken.__name__} failed; the call goes on" in caplog.text


# ── coroutine functions ──────────────────────────────────────────────────────────────────────────


def test_the_async_client_awaits_its_hooks() -> None:
    """A coroutine function is awaited before the call goes on, in the order of the events."""
    told: list[Any] = []

    async def slowly(event: object) -> None:
        await asyncio.sleep(0)
        told.append(event)

    slow: dict[str, Any] = dict.fromkeys(NAMES, slowly)
    client = make_client("async", FakeHAVN(BUSY, FINE), **slow)
    outcome(client.auth.login("ada@example.com"))
    assert names(told) == ["request", "response", "retry", "request", "response", "end"]


def test_the_blocking_client_refuses_a_coroutine_function() -> None:
    """A hook that would have to be awaited is refused at once, by name."""
    with pytest.raises(HAVNValidationError) as caught:
        HAVNClient("key", "secret", on_retry=failing_later, hooks=Hooks(on_end=failing_later))
    reason = "must be awaited, which takes the AsyncHAVNClient"
    assert caught.value.errors == {"on_retry": reason, "hooks.on_end": reason}


def test_a_hidden_coroutine_of_a_blocking_client_is_complained_about(caplog: pytest.LogCaptureFixture) -> None:
    """A plain function that gives a coroutine is only found out by calling it: the log says so."""
    given: list[Any] = []

    def hidden(event: object) -> Any:
        given.append(failing_later(event))
        return given[-1]

    client = make_client("sync", FakeHAVN(FINE), on_request=hidden)
    assert outcome(client.auth.login("ada@example.com")) == "https://app.example.com/"
    assert "must be awaited, which takes the AsyncHAVNClient" in caplog.text
    assert inspect.getcoroutinestate(given[0]) == inspect.CORO_CLOSED


# ── calls that are cut short ─────────────────────────────────────────────────────────────────────


async def _never(_request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


@pytest.mark.parametrize("iterates", [False, True], ids=["call", "iterator"])
def test_a_cancelled_call_ends(iterates: bool) -> None:
    """When a task is cancelled while HAVN is silent, plain hooks are told of the end; no response is made up."""
    told: list[Any] = []
    awaited: list[Any] = []

    async def later(event: object) -> None:
        awaited.append(event)

    async def cancelled() -> None:
        supplied = httpx.AsyncClient(transport=httpx.MockTransport(_never))
        begun = asyncio.Event()
        client = cast(
            "AsyncHAVNClient",
            timed(
                AsyncHAVNClient(
                    API_KEY,
                    WEBHOOK_SECRET,
                    http_client=supplied,
                    hooks=[Hooks(**listening(told)), Hooks(on_end=later)],
                    on_request=lambda _: begun.set(),
                ),
                FakeClock(),
            ),
        )

        async def call() -> None:
            if iterates:
                async for _ in client.vouchers.iter_all():
                    pass
            else:
                await client.transactions.send(**SALE)

        task = asyncio.create_task(call())
        await begun.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert names(told) == ["request", "end"]
    assert (told[-1].error, told[-1].status, told[-1].attempts) == ("CancelledError", None, 1)
    assert awaited == []


@pytest.mark.parametrize("hook", NAMES)
def test_a_call_that_is_cancelled_in_its_hooks_ends(hook: str) -> None:
    """When the task is cancelled while it awaits a hook, plain hooks are told of the event and of the end."""
    plain, awaited = list[Any](), list[str]()

    async def main() -> None:
        under_way = asyncio.Event()

        async def long(_event: object) -> None:
            under_way.set()
            await asyncio.Event().wait()

        async def other(_event: object) -> None:
            awaited.append("after the cancellation")

        bundles = [Hooks(**{hook: long}), Hooks(**listening(plain)), Hooks(**{hook: other})]
        if hook == "on_end":
            bundles.reverse()
        client: Any = make_client("async", FakeHAVN(BUSY, FINE), hooks=bundles)
        task = asyncio.create_task(client.transactions.send(**SALE))
        await under_way.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert hook.removeprefix("on_") in names(plain)
    assert names(plain).count("end") == 1
    assert plain[-1].error == (None if hook == "on_end" else "CancelledError")
    assert awaited == []


def test_an_interrupted_call_ends() -> None:
    """Ctrl-C while HAVN is silent: the call ends, and the interrupt goes on to the caller."""
    told: list[Any] = []

    def interrupted(_request: httpx.Request) -> Reply:
        raise KeyboardInterrupt

    client = make_client("sync", FakeHAVN(interrupted), **listening(told))
    with pytest.raises(KeyboardInterrupt):
        outcome(client.transactions.send(**SALE))
    assert names(told) == ["request", "end"]
    assert told[-1].error == "KeyboardInterrupt"


def test_a_foreign_error_of_a_supplied_client_ends_the_call(kind: Kind) -> None:
    """Whatever a supplied HTTP client raises reaches the caller as it is, and the hooks as an end."""
    told: list[Any] = []
    client = make_client(kind, FakeHAVN(LookupError("by havn_test_secret")), **listening(told))
    with pytest.raises(LookupError):
        settled(client, lambda client: client.transactions.send(**SALE))
    assert names(told) == ["request", "end"]
    assert (told[-1].error, told[-1].reason) == ("LookupError", "by ****")


def test_a_network_error_is_told_as_a_try_without_answer(kind: Kind) -> None:
    """A try without an answer has an error and neither status nor request id."""
    error, told = watched(kind, httpx.ConnectError("refused"), retry=RetryPolicy(max_retries=0))
    assert isinstance(error, HAVNNetworkError)
    response = told[1]
    assert (response.status, response.request_id, response.error) == (None, None, "HAVNNetworkError")


# ── building ─────────────────────────────────────────────────────────────────────────────────────


def test_bundles_are_told_first_and_of_the_end_last(kind: Kind) -> None:
    """Of several hooks the bundles come first, in their order, and of the end they are told in reverse."""
    heard: list[str] = []

    def by(who: str) -> dict[str, Any]:
        return {
            "on_request": lambda _: heard.append(f"{who} begins"),
            "on_end": lambda _: heard.append(f"{who} ends"),
        }

    client = make_client(kind, FakeHAVN(FINE), hooks=[Hooks(**by("a")), Hooks(**by("b"))], **by("c"))
    settled(client, lambda client: client.auth.login("ada@example.com"))
    assert heard == ["a begins", "b begins", "c begins", "c ends", "b ends", "a ends"]


def test_a_derived_client_adds_hooks(kind: Kind) -> None:
    """`with_options` adds hooks to those of the client, and its parent hears nothing more than before."""
    havn, parents, childs = FakeHAVN(FINE), list[Any](), list[Any]()
    parent = make_client(kind, havn, on_end=parents.append)
    derived = timed(parent.with_options(on_end=childs.append, hooks=Hooks(on_request=childs.append)), FakeClock())
    settled(derived, lambda client: client.auth.login("ada@example.com"))
    assert (names(parents), names(childs)) == (["end"], ["request", "end"])
    settled(parent, lambda client: client.auth.login("ada@example.com"))
    assert (names(parents), names(childs)) == (["end", "end"], ["request", "end"])


def test_other_options_leave_the_hooks(kind: Kind) -> None:
    """A derived client without hooks of its own tells those of its parent."""
    told: list[Any] = []
    client = make_client(kind, FakeHAVN(FINE), **listening(told)).with_options(timeout=2)
    settled(timed(client, FakeClock()), lambda client: client.auth.login("ada@example.com"))
    assert names(told) == ["request", "response", "end"]


@pytest.mark.parametrize(
    ("options", "errors"),
    [
        ({"on_request": 1}, {"on_request": "must be a function, not int"}),
        ({"on_response": "print", "on_end": ()}, {
            "on_response": "must be a function, not str",
            "on_end": "must be a function, not tuple",
        }),
        ({"hooks": print}, {"hooks": "must be a Hooks, or several, not builtin_function_or_method"}),
        ({"hooks": [Hooks(), 3]}, {"hooks": "must be a Hooks, or several, not int"}),
        ({"hooks": {"on_end": print}}, {"hooks": "must be a Hooks, or several, not str"}),
        ({"hooks": Hooks(on_retry=cast("Any", 0))}, {"hooks.on_retry": "must be a function, not int"}),
        ({"on_retry": 0, "timeout": -1}, {
            "on_retry": "must be a function, not int",
            "timeout": "must be a number of seconds greater than 0",
        }),
    ],
)  # fmt: skip
def test_what_is_no_hook_is_refused(kind: Kind, options: dict[str, Any], errors: dict[str, str]) -> None:
    """Building and deriving a client name everything that is no hook, with all else that is wrong."""
    with pytest.raises(HAVNValidationError) as caught:
        make_client(kind, **options)
    assert caught.value.errors == errors
    with pytest.raises(HAVNValidationError) as caught:
        make_client(kind).with_options(**options)
    assert caught.value.errors == errors


def test_hooks_may_come_from_any_iterable(kind: Kind) -> None:
    """Bundles may come from a generator, and an empty one is no hooks at all."""
    told: list[Any] = []
    client = make_client(kind, FakeHAVN(FINE), hooks=(Hooks(on_end=each) for each in (told.append, told.append)))
    settled(client, lambda client: client.auth.login("ada@example.com"))
    assert names(told) == ["end", "end"]
    assert make_client(kind, hooks=())._session.watch is None
