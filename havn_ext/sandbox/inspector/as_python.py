"""A logged request as Python: a call of the SDK where one says the same, or else of httpx."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl

from havn_ext.sandbox import spec
from havn_ext.sandbox.inspector import replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from havn_ext.sandbox.request_log import Entry

__all__ = ["python"]

_REACHED_THE_RULES: Final = frozenset({"ok", "replayed", "refused"})
"""The verdicts of requests that keep the contract; any other the SDK might not send."""

_Arguments = dict[str, Any]


def python(entry: Entry, base_url: str) -> str:
    """The program; credentials come from the environment."""
    call = _sdk_call(entry)
    return _httpx_program(entry, base_url) if call is None else _sdk_program(entry, base_url, call)


def _sdk_call(entry: Entry) -> str | None:
    """The method with its arguments; None when the SDK would not send the same."""
    if entry.verdict not in _REACHED_THE_RULES or entry.operation is None:
        return None
    given = _arguments(entry)
    return None if given is None else _METHODS[entry.operation](given)


def _arguments(entry: Entry) -> _Arguments | None:
    """The fields of the body or of the query, without those that are null."""
    if entry.method == "GET":
        return _query_arguments(entry)
    try:
        document = json.loads(entry.request_body.kept)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    fields = cast("_Arguments", document)
    return {name: value for name, value in fields.items() if value is not None}


def _query_arguments(entry: Entry) -> _Arguments:
    """The parameters that were given, decoded as the contract says."""
    given = dict(parse_qsl(entry.query, keep_blank_values=True))
    decoded: _Arguments = {}
    for operation in spec.operations():
        for parameter in operation.parameters:
            if operation.operation_id == entry.operation and parameter.name in given:
                decoded.update(parameter.read([given[parameter.name]])[0])
    return decoded


def _transaction(given: _Arguments) -> str | None:
    """None for what the SDK would convert, or sign for another currency, by itself."""
    as_sent = given.get("currency", "USD") == "USD" or given.get("server_side_conversion") is True
    return _written("client.transactions.send", given) if as_sent else None


def _users(given: _Arguments) -> str:
    return _written(f"client.users.{'sync_bulk' if 'users' in given else 'sync'}", given)


def _plain(method: str) -> Callable[[_Arguments], str | None]:
    return lambda given: _written(method, given)


_METHODS: Final[Mapping[str, Callable[[_Arguments], str | None]]] = {
    "sendTransaction": _transaction,
    "syncUsers": _users,
    "validateVoucher": _plain("client.vouchers.validate"),
    "listVouchers": _plain("client.vouchers.get_all"),
    "createLoginLink": _plain("client.auth.login"),
}


def _sdk_program(entry: Entry, base_url: str, call: str) -> str:
    test_mode = any(name.lower() == "x-test-mode" and value == "true" for name, value in entry.request_headers)
    settings = {"base_url": base_url} | ({"test_mode": True} if test_mode else {})
    return "\n".join([
        "from havn import HAVNClient",
        "",
        "# HAVN_API_KEY and HAVN_WEBHOOK_SECRET are read from the environment",
        f"with {_written('HAVNClient', settings, in_one_line=True)} as client:",
        *(f"    {line}" for line in f"print({call})".splitlines()),
        "",
    ])  # fmt: skip


def _httpx_program(entry: Entry, base_url: str) -> str:
    content = [f"    content={entry.request_body.kept!r},"] if entry.request_body.kept else []
    return "\n".join([
        "import os",
        "",
        "import httpx",
        "",
        "response = httpx.request(",
        f"    {entry.method!r},",
        f"    {base_url + replay.target(entry)!r},",
        "    headers=[",
        *(f"        ({name!r}, {_header_value(name, value)})," for name, value in replay.headers(entry)),
        "    ],",
        *content,
        ")",
        "print(response.status_code, response.text)",
        "",
    ])  # fmt: skip


def _header_value(name: str, value: str) -> str:
    return 'os.environ["HAVN_API_KEY"]' if name.lower() == replay.API_KEY_HEADER else repr(value)


def _written(name: str, arguments: _Arguments, *, in_one_line: bool = False) -> str:
    """A call with keyword arguments, in lines unless there is none."""
    given = _keywords(arguments.items())
    if in_one_line or not given:
        return f"{name}({', '.join(given)})"
    return "\n".join([f"{name}(", *(f"    {each}," for each in given), ")"])


def _keywords(arguments: Iterable[tuple[str, object]]) -> list[str]:
    return [f"{name}={value!r}" for name, value in arguments]
