"""`recorded_requests()`: everything that goes out, and nothing else."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn import AsyncHAVNClient, HAVNClient, HAVNError, HAVNNetworkError, HAVNValidationError
from havn_ext._drivers import AsyncDriver, SyncDriver
from havn_ext.testing import no_waiting, recorded_requests

CODE = "HAVN-AQNEO-S08-ABC123"
VALID = {"success": True, "valid": True, "message": "Voucher is valid"}


def answers(*statuses: int) -> Any:
    """HAVN, answering with one status after the other, and then well."""
    left = list(statuses)

    def answer(request: httpx.Request) -> httpx.Response:
        status = left.pop(0) if left else 200
        if status == 0:
            raise httpx.ConnectError("no", request=request)
        return httpx.Response(status, json=VALID)

    return answer


def sync_client(*statuses: int, base_url: str | None = None) -> HAVNClient:
    """A blocking client of such a HAVN."""
    http_client = httpx.Client(transport=httpx.MockTransport(answers(*statuses)))
    return HAVNClient("the_key_itself", "the_secret", base_url, http_client=http_client)


def async_client(*statuses: int) -> AsyncHAVNClient:
    """An async client of such a HAVN."""
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(answers(*statuses)))
    return AsyncHAVNClient("the_key_itself", "the_secret", http_client=http_client)


def validate(client: HAVNClient, code: str = CODE) -> bool:
    """One call."""
    return client.vouchers.validate(code)


def test_a_record_tells_all_of_a_request() -> None:
    """Method, path, operation, query, body, headers, try and status are in the record of a request."""
    with recorded_requests() as records:
        assert validate(sync_client())
    (record,) = records
    assert (record.method, record.path) == ("POST", "/api/v1/webhook/voucher/validate")
    assert record.operation == "validateVoucher"
    assert record.query == {}
    assert record.json == {"voucher_code": CODE}
    assert record.headers["Content-Type"] == "application/json"
    assert (record.attempt, record.status) == (1, 200)


def test_a_query_is_recorded_as_it_was_asked() -> None:
    """A request without a body has a query, of numbers and switches instead of text."""
    http_client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"data": []})))
    with recorded_requests() as records:
        HAVNClient("key", "secret", http_client=http_client).vouchers.get_all(page=2, active=True)
    assert records[0].operation == "listVouchers"
    assert records[0].json is None
    assert (records[0].query["page"], records[0].query["active"]) == (2, True)


def test_credentials_are_masked() -> None:
    """Neither the key nor the signature is in a record, nor in what is printed of the records."""
    with recorded_requests() as records:
        validate(sync_client())
    assert records[0].headers["X-API-Key"] == records[0].headers["X-Signature"] == "****"
    assert "the_key_itself" not in repr(records)


def test_records_are_frozen() -> None:
    """A record never changes under who holds it."""
    with recorded_requests() as records:
        validate(sync_client())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        records[0].status = 500  # type: ignore[misc]


def test_every_try_is_a_record() -> None:
    """Each try of a call is recorded with its number and its answer; no answer is None."""
    with no_waiting(), recorded_requests() as records:
        validate(client := sync_client(503, 0, 429))
        validate(client)
    assert [(each.attempt, each.status) for each in records] == [(1, 503), (2, None), (3, 429), (4, 200), (1, 200)]


def test_async_clients_are_recorded() -> None:
    """The same holds under asyncio."""
    with no_waiting(), recorded_requests() as records:
        assert asyncio.run(async_client(503, 0).vouchers.validate(CODE))
    assert [(each.attempt, each.status) for each in records] == [(1, 503), (2, None), (3, 200)]


def test_what_is_under_way_is_recorded_already() -> None:
    """A request is there from the moment in which it goes out; its status comes with the answer."""
    seen: list[int | None] = []

    def look(_request: httpx.Request) -> httpx.Response:
        seen.extend(each.status for each in records)
        return httpx.Response(200, json=VALID)

    client = HAVNClient("key", "secret", http_client=httpx.Client(transport=httpx.MockTransport(look)))
    with recorded_requests() as records:
        validate(client)
    assert seen == [None]
    assert [each.status for each in records] == [200]


def test_a_cancelled_request_stays_without_an_answer() -> None:
    """Who gives up waiting has sent a request all the same."""

    async def give_up() -> None:
        sent, never = asyncio.Event(), asyncio.Event()

        async def stall(_request: httpx.Request) -> httpx.Response:
            sent.set()
            await never.wait()
            raise AssertionError

        http_client = httpx.AsyncClient(transport=httpx.MockTransport(stall))
        client = AsyncHAVNClient("key", "secret", http_client=http_client)
        task = asyncio.create_task(client.vouchers.validate(CODE))
        await sent.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with recorded_requests() as records:
        asyncio.run(give_up())
    assert [each.status for each in records] == [None]


def test_what_was_never_sent_is_not_recorded() -> None:
    """Neither a call that fails its checks nor one that HTTP cannot carry is a request."""
    with recorded_requests() as records:
        with pytest.raises(HAVNValidationError):
            validate(sync_client(), "")
        with pytest.raises(HAVNValidationError):
            validate(sync_client(base_url="http://example.com:99999"))
    assert len(records) == 0


def test_what_a_closed_client_did_not_send_is_not_recorded() -> None:
    """A call of a client that is closed leaves no record."""
    client = sync_client()
    client.close()
    with recorded_requests() as records, pytest.raises(HAVNError, match="closed"):
        client.vouchers.validate("HAVN-A")
    assert len(records) == 0


def test_nothing_changes_for_the_caller() -> None:
    """Results and errors are the same with a recording as without."""
    client = sync_client(0, 0, 0, 0)
    with recorded_requests(), no_waiting(), pytest.raises(HAVNNetworkError):
        validate(client)
    with recorded_requests():
        assert validate(client)


def test_only_what_goes_out_meanwhile_is_recorded() -> None:
    """Requests before and after are no part of it, and what was recorded stays."""
    client = sync_client()
    validate(client)
    with recorded_requests() as records:
        validate(client)
    validate(client)
    assert len(records) == 1


def test_recordings_overlap() -> None:
    """Several recordings are open at once, each with its own records, and end in any order."""
    client = sync_client()
    first, second = recorded_requests(), recorded_requests()
    of_first, of_second = first.__enter__(), second.__enter__()
    validate(client)
    first.__exit__(None, None, None)
    validate(client)
    second.__exit__(None, None, None)
    validate(client)
    assert (len(of_first), len(of_second)) == (1, 2)


def test_the_drivers_are_left_as_they_were() -> None:
    """After the last recording nothing of it is left in the clients."""
    before = vars(SyncDriver)["_send"], vars(AsyncDriver)["_send"]
    with recorded_requests():
        assert vars(SyncDriver)["_send"] is not before[0]
    assert (vars(SyncDriver)["_send"], vars(AsyncDriver)["_send"]) == before


@pytest.mark.parametrize("calls", [1, 200])
def test_threads_and_tasks_lose_nothing(calls: int) -> None:
    """Every request of many threads and tasks is recorded once, with its own answer."""
    codes = [f"HAVN-AQNEO-S08-{number:06d}" for number in range(calls)]
    blocking, client = sync_client(), async_client()

    async def all_at_once() -> None:
        await asyncio.gather(*map(client.vouchers.validate, codes))

    with recorded_requests() as records, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda code: validate(blocking, code), codes))
        asyncio.run(all_at_once())
    assert sorted(each.json["voucher_code"] for each in records) == sorted(codes * 2)
    assert {(each.attempt, each.status) for each in records} == {(1, 200)}


def test_records_are_a_sequence() -> None:
    """Records can be counted, sliced, indexed from the end and searched."""
    with recorded_requests() as records:
        for code in ("HAVN-A-1", "HAVN-B-2", "HAVN-C-3"):
            validate(sync_client(), code)
    assert len(records) == 3
    assert [each.json["voucher_code"] for each in records[1:]] == ["HAVN-B-2", "HAVN-C-3"]
    assert records[-1] in records
    assert records.index(records[1]) == 1


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20) | st.integers() | st.booleans(), max_size=5))
def test_the_body_is_what_went_over_the_wire(custom_fields: dict[str, Any]) -> None:
    """The recorded body is the JSON that HAVN receives, for all that can be sent."""
    received: list[Any] = []

    def receive(request: httpx.Request) -> httpx.Response:
        received.append(json.loads(request.content))
        return httpx.Response(201, json={"success": True})

    client = HAVNClient("key", "secret", http_client=httpx.Client(transport=httpx.MockTransport(receive)))
    with recorded_requests() as records:
        client.transactions.send(100, "pay_1", customer_id="c1", custom_fields=custom_fields)
    assert [each.json for each in records] == received
