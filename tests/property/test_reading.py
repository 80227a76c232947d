from __future__ import annotations

import copy
import json
import pickle
import types
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from contract import ROOT, Node, inlined, parse
from hypothesis import given
from hypothesis import strategies as st
from strategies import emails, mutated

from havn_api.models import TransactionRequest
from havn_ext import _reading as reading
from havn_ext import models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SPEC = parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
SENT = TransactionRequest(amount=10_000, payment_gateway_transaction_id="txn")


def full(schema: Node) -> Any:
    """An answer with everything in it: every property's example, at every depth."""
    if "oneOf" in schema:
        return full(schema["oneOf"][0])
    if "items" in schema:
        return [full(schema["items"]), full(schema["items"])]
    if "properties" in schema:
        return {name: full(part) for name, part in schema["properties"].items()}
    return schema["examples"][0]


def answers(name: str) -> st.SearchStrategy[Any]:
    """A valid answer of a component schema, with parts missing, null, added or of another type."""
    return mutated(full(inlined(SPEC, SPEC["components"]["schemas"][name])))


READERS: dict[str, Callable[[Any], Any]] = {
    "TransactionResponse": lambda raw: reading.transaction_result(raw, SENT, 12_500, "req_1", replayed=True),
    "UserSyncResponse": lambda raw: reading.user_sync_result(raw, "req_1"),
    "UserSyncBulkResponse": lambda raw: reading.bulk_sync_result(raw, "req_1"),
    "VoucherListResponse": lambda raw: reading.voucher_page(raw, "req_1"),
}
# Where the parts of an answer stand in it.
PARTS = {
    "TransactionResponse": ("transaction", "commissions"),
    "UserSyncResponse": ("user", "associate"),
    "UserSyncBulkResponse": ("results", "errors", "summary"),
    "VoucherListResponse": ("data", "pagination"),
}
every_answer = pytest.mark.parametrize("name", sorted(READERS))


def with_address(node: Node, email: str) -> Node:
    """An object with an address at the end of each of its texts."""
    return {name: f"{value} {email}" if isinstance(value, str) else value for name, value in node.items()}


def fits(value: object, wanted: Any) -> bool:
    """Whether a value is what an annotation says, its parts included."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return True
    if origin in {Union, types.UnionType}:
        return any(fits(value, each) for each in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(fits(item, arguments[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, dict)
    return type(value) is wanted


def models_in(value: Any) -> Iterator[Any]:
    """A model and every model in it."""
    if isinstance(value, tuple):
        for item in value:
            yield from models_in(item)
    elif attrs.has(type(value)):
        yield value
        for field in attrs.fields(type(value)):
            yield from models_in(getattr(value, field.name))


@every_answer
@given(data=st.data())
def test_any_answer_is_read(name: str, data: st.DataObject) -> None:
    """Whatever is missing, null, new or of another type in an answer, it is read, and left as it was."""
    raw = data.draw(answers(name))
    before = copy.deepcopy(raw)
    result = READERS[name](raw)
    assert result.raw is raw
    assert repr(raw) == repr(before)


@every_answer
@given(data=st.data())
def test_every_attribute_is_of_its_type(name: str, data: st.DataObject) -> None:
    """Every attribute of every model holds what its annotation says, whatever HAVN sent."""
    for model in models_in(READERS[name](data.draw(answers(name)))):
        hints = get_type_hints(type(model), {**vars(models), "Mapping": Mapping, "Decimal": Decimal})
        for field, wanted in hints.items():
            assert fits(getattr(model, field), wanted), (field, getattr(model, field))


@every_answer
@given(data=st.data())
def test_every_part_keeps_its_own_json(name: str, data: st.DataObject) -> None:
    """Each object in an answer is a model that holds that very object, in the order of the answer."""
    raw = data.draw(answers(name))
    result = READERS[name](raw)
    for part in PARTS[name]:
        sent = raw.get(part)
        found = getattr(result, part)
        if isinstance(found, tuple):
            objects = [item for item in sent if isinstance(item, dict)] if isinstance(sent, list) else []
            assert [id(each.raw) for each in found] == [id(item) for item in objects]
        elif isinstance(sent, dict):
            assert found.raw is sent


@every_answer
@given(data=st.data())
def test_every_result_travels(name: str, data: st.DataObject) -> None:
    """A result pickles with all that HAVN said."""
    result = READERS[name](data.draw(answers(name)))
    there = pickle.loads(pickle.dumps(result))  # noqa: S301  our own pickle
    assert there == result
    assert repr(there.raw) == repr(result.raw)


@every_answer
@given(email=emails)
def test_no_result_shows_an_address(name: str, email: str) -> None:
    """Whichever text of an answer holds an address, no repr shows it whole."""
    complete = full(inlined(SPEC, SPEC["components"]["schemas"][name]))
    raw = json.loads(json.dumps(complete), object_hook=lambda node: with_address(node, email))
    assert email not in repr(READERS[name](raw))


@given(raw=answers("Commission"))
def test_a_share_is_there_in_both_forms_or_in_none(raw: Node) -> None:
    """A commission has a rate exactly if it has a percentage."""
    (found,) = READERS["TransactionResponse"]({"commissions": [raw]}).commissions
    assert (found.rate is None) is (found.percentage is None)


@given(raw=answers("LoginResponse"))
def test_any_login_answer_is_read(raw: Node) -> None:
    """A login answer has an address or none, and never an error."""
    url = reading.login_url(raw)
    link = raw.get("data")
    sent = link.get("redirect_url") if isinstance(link, dict) else None
    assert url == (sent if isinstance(sent, str) else None)
