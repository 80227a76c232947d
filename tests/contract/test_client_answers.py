"""The client's side of the contract: whatever is answered, the caller gets a result or one of our errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import attrs
import pytest
from fakes import FakeHAVN, Kind, Reply, make_client, outcome
from harness import answers
from harness.spec import OPERATIONS
from hypothesis import given
from hypothesis import strategies as st

from havn_ext import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakes import AnyClient

USER = {"email": "owner@example.com", "name": "John Doe"}


@attrs.frozen
class Call:
    """A method of the client: its operation, how it is called, and which form of the answer belongs to it."""

    operation_id: str
    make: Callable[[AnyClient], Any]
    form: int | None = None


CALLS = {
    "transactions.send": Call("sendTransaction", lambda client: client.transactions.send(1, "p", customer_id="c")),
    "users.sync": Call("syncUsers", lambda client: client.users.sync(USER["email"], USER["name"]), form=1),
    "users.sync_bulk": Call("syncUsers", lambda client: client.users.sync_bulk([USER]), form=0),
    "vouchers.validate": Call("validateVoucher", lambda client: client.vouchers.validate("HAVN-A")),
    "vouchers.get_all": Call("listVouchers", lambda client: client.vouchers.get_all()),
    "auth.login": Call("createLoginLink", lambda client: client.auth.login("owner@example.com")),
}
every_call = pytest.mark.parametrize("name", CALLS)
clients = st.sampled_from(get_args(Kind))


def told(kind: Kind, name: str, status: int, content: bytes) -> Any:
    """What a call comes to when HAVN answers this: a result, or one of our errors. Anything else is raised."""
    client = make_client(kind, FakeHAVN(Reply(status, content, {"X-Request-Id": "req_1"})), max_retries=0)
    try:
        return outcome(CALLS[name].make(client))
    except errors.HAVNError as error:
        return error


def gives_one_value(name: str) -> bool:
    """Whether a method gives a plain value, which has no `raw`."""
    return name in {"vouchers.validate", "auth.login"}


def keeps_all(error: errors.HAVNError, status: int, content: bytes) -> bool:
    """Whether an error holds all that was answered."""
    assert isinstance(error, errors.HAVNAPIError)
    return (error.status_code, error.request_id, error.body) == (
        status,
        "req_1",
        content.decode("utf-8", "replace"),
    )


def test_every_operation_is_called() -> None:
    """No operation of the contract is left out here."""
    assert {call.operation_id for call in CALLS.values()} == set(OPERATIONS)


@every_call
@given(kind=clients, data=st.data())
def test_a_valid_answer_is_a_result(kind: Kind, name: str, data: st.DataObject) -> None:
    """Whatever a success may say is a result that keeps it, or for a login without a link our error."""
    call = CALLS[name]
    status = data.draw(answers.statuses(call.operation_id, success=True))
    body = data.draw(answers.bodies(call.operation_id, str(status), form=call.form))
    result = told(kind, name, status, json.dumps(body).encode())
    if name == "vouchers.validate":
        assert result is True
    elif name == "auth.login":
        assert isinstance(result, errors.HAVNResponseError) if not link_of(body) else result == link_of(body)
    else:
        assert repr(result.raw) == repr(body)


def link_of(body: Any) -> object:
    """The address in a login answer."""
    return ((body.get("data") or {}) if isinstance(body, dict) else {}).get("redirect_url")


@every_call
@given(kind=clients, data=st.data())
def test_an_odd_success_is_a_result_or_our_error(kind: Kind, name: str, data: st.DataObject) -> None:
    """A success off the schema is read as far as it goes, or is a HAVNResponseError; what was said is kept."""
    call = CALLS[name]
    status = data.draw(answers.statuses(call.operation_id, success=True))
    content = json.dumps(data.draw(answers.off_schema(call.operation_id, str(status)))).encode()
    result = told(kind, name, status, content)
    if isinstance(result, errors.HAVNError):
        assert isinstance(result, errors.HAVNResponseError)
        assert keeps_all(result, status, content)
        assert name == "auth.login" or not isinstance(json.loads(content), dict)
    elif not gives_one_value(name):
        assert repr(result.raw) == repr(json.loads(content))


@every_call
@given(kind=clients, data=st.data())
def test_a_success_that_is_no_json_is_our_error(kind: Kind, name: str, data: st.DataObject) -> None:
    """A page, half a body or nothing at all is a HAVNResponseError that keeps it; a validation needs no body."""
    call = CALLS[name]
    status = data.draw(answers.statuses(call.operation_id, success=True))
    content = data.draw(answers.not_json(answers.bodies(call.operation_id, str(status))))
    result = told(kind, name, status, content)
    if name == "vouchers.validate":
        assert result is True
    elif isinstance(result, errors.HAVNError):
        assert isinstance(result, errors.HAVNResponseError)
        assert keeps_all(result, status, content)
    else:
        assert json_object_of(content) is not None


@every_call
@given(kind=clients, data=st.data())
def test_a_refusal_is_the_error_of_its_status(kind: Kind, name: str, data: st.DataObject) -> None:
    """Whatever comes with a status that is no success, the error is that status's own and keeps all of it."""
    call = CALLS[name]
    status = data.draw(answers.statuses(call.operation_id, success=False))
    fault = answers.bodies(call.operation_id, "401")
    content = data.draw(
        fault.map(json.dumps).map(str.encode)
        | answers.off_schema(call.operation_id, "401").map(json.dumps).map(str.encode)
        | answers.not_json(fault)
    )
    error = told(kind, name, status, content)
    assert type(error) is class_of(status)
    assert keeps_all(error, status, content)
    assert repr(error.response) == repr(json_object_of(content) or {})


def class_of(status: int) -> type[errors.HAVNAPIError]:
    """The error that the error tree gives a status."""
    named: Mapping[int, type[errors.HAVNAPIError]] = {
        400: errors.HAVNBadRequestError,
        401: errors.HAVNAuthError,
        404: errors.HAVNNotFoundError,
        409: errors.HAVNConflictError,
        422: errors.HAVNUnprocessableError,
        429: errors.HAVNRateLimitError,
    }
    if status in named:
        return named[status]
    if status < 400:
        return errors.HAVNResponseError
    return errors.HAVNAPIError if status < 500 else errors.HAVNServerError


def json_object_of(content: bytes) -> dict[str, Any] | None:
    """A body as a JSON object; None when it is none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
