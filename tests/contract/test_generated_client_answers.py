"""The generated client alone: what it makes of answers, and which of its failures the wrapper has to stop."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest
from fakes import FakeHAVN, Kind, Reply
from harness import answers
from harness.spec import OPERATIONS
from hypothesis import given
from hypothesis import strategies as st

from havn_api import AuthenticatedClient, models

if TYPE_CHECKING:
    from havn_api.types import Response

ARGUMENTS: dict[str, dict[str, Any]] = {
    "sendTransaction": {"body": models.TransactionRequest(1, "p", customer_id="c")},
    "syncUsers": {"body": models.UserSyncRequest("owner@example.com", "John Doe")},
    "validateVoucher": {"body": models.VoucherValidateRequest("HAVN-A")},
    "listVouchers": {},
    "createLoginLink": {"body": models.LoginRequest("owner@example.com")},
}
LEAKS = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What the generated client lets through when an answer is off the schema."""

every_operation = pytest.mark.parametrize("operation_id", ARGUMENTS)
clients = st.sampled_from(get_args(Kind))


def answered(kind: Kind, operation_id: str, reply: Reply) -> Response[Any]:
    """What the generated client gives when HAVN answers this."""
    tag = OPERATIONS[operation_id].definition["tags"][0]
    name = re.sub(r"([A-Z])", r"_\1", operation_id).lower()
    module: Any = importlib.import_module(f"havn_api.api.{tag}.{name}")
    client = AuthenticatedClient("https://havn.example", "key")
    transport = httpx.MockTransport(FakeHAVN(reply))
    if kind == "sync":
        client.set_httpx_client(httpx.Client(transport=transport, base_url="https://havn.example"))
        response: Response[Any] = module.sync_detailed(client=client, **ARGUMENTS[operation_id])
        return response
    client.set_async_httpx_client(httpx.AsyncClient(transport=transport, base_url="https://havn.example"))
    return asyncio.run(_answered(module, client, operation_id))


async def _answered(module: Any, client: AuthenticatedClient, operation_id: str) -> Response[Any]:
    response: Response[Any] = await module.asyncio_detailed(client=client, **ARGUMENTS[operation_id])
    return response


def test_every_operation_is_called() -> None:
    """No operation of the contract is left out here."""
    assert set(ARGUMENTS) == set(OPERATIONS)


@every_operation
@given(kind=clients, data=st.data())
def test_a_valid_answer_is_a_model(kind: Kind, operation_id: str, data: st.DataObject) -> None:
    """Whatever the contract lets HAVN answer is a model with all of it in it, whichever status it has."""
    status = data.draw(st.sampled_from(OPERATIONS[operation_id].statuses))
    body = data.draw(answers.bodies(operation_id, status))
    code = 500 if status == "5XX" else int(status)
    response = answered(kind, operation_id, Reply(code, json.dumps(body).encode()))
    assert response.status_code == code
    assert response.parsed is not None
    assert response.parsed.to_dict() == body


@every_operation
@given(kind=clients, data=st.data())
def test_an_odd_answer_leaks_nothing_else(kind: Kind, operation_id: str, data: st.DataObject) -> None:
    """An answer off the schema is a model or a failure of the kinds above; a response keeps its bytes."""
    status = data.draw(st.sampled_from(OPERATIONS[operation_id].statuses))
    spoilt = answers.off_schema(operation_id, status).map(json.dumps).map(str.encode)
    content = data.draw(spoilt | answers.not_json(answers.bodies(operation_id, status)))
    try:
        response = answered(kind, operation_id, Reply(500 if status == "5XX" else int(status), content))
    except LEAKS:
        return
    assert response.content == content
