"""A contract, compiled: what each operation takes and answers. All validation comes from here."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
import jsonschema_rs
from starlette.datastructures import Headers, QueryParams

from havn_ext.sandbox.messages import Detail, JsonObject, RefusedError
from havn_ext.sandbox.parameters import Parameter, SpecError
from havn_ext.sandbox.schemas import CROSS_FIELD_RULE, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.sandbox.messages import Answer

__all__ = ["ContractBreachError", "Operation", "SpecError", "operation", "operations"]

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_TOLD: Final = 100
"""Faults that an answer names; one request can have a hundred thousand."""


class ContractBreachError(Exception):
    """The sandbox was about to answer what the contract does not allow: a defect of the sandbox."""


@attrs.frozen
class RequestBody:
    """What a body may be: one schema, or the branches of a `oneOf`."""

    branches: tuple[Schema, ...]

    @classmethod
    def from_contract(cls, schema: JsonObject) -> RequestBody:
        """The body of an operation with this schema."""
        return cls(tuple(Schema(branch) for branch in schema.get("oneOf", [schema])))

    def faults(self, document: Any) -> list[Detail]:  # noqa: ANN401  any JSON value
        """Every fault of a body, against the branch that it means.

        That is the first branch whose required fields are all there, or else the last: `users` makes a
        user sync a bulk call, and anything without it a single one.
        """
        return self._branch_meant_by(document).faults(document, "body")

    def _branch_meant_by(self, document: Any) -> Schema:  # noqa: ANN401  any JSON value
        present = cast("dict[str, object]", document).keys() if isinstance(document, dict) else set[str]()
        for branch in self.branches[:-1]:
            if present >= set(branch.definition["required"]):
                return branch
        return self.branches[-1]


@attrs.frozen
class Reply:
    """What an answer with one status may be."""

    body: Schema
    headers: tuple[Parameter, ...]

    @classmethod
    def from_contract(cls, response: JsonObject) -> Reply:
        """The answer that a response of the contract describes."""
        headers = response.get("headers", {}).items()
        return cls(
            Schema(response["content"]["application/json"]["schema"]),
            tuple(Parameter.from_contract(name, "header", header) for name, header in headers),
        )

    def faults(self, answer: Answer) -> list[Detail]:
        """Every fault of an answer."""
        found = self.body.faults(answer.body, "body")
        for header in self.headers:
            text = answer.headers.get(header.name)
            found += header.read([] if text is None else [text])[1]
        return found


@attrs.frozen
class Operation:
    """One operation of the contract.

    Args:
        operation_id: Its name.
        method: The HTTP method, in upper case.
        path: Where it is.
        parameters: Its path, query and header parameters.
        body: What its body may be; None when it takes none.
        replies: What its answers may be, by status (`5XX` is any from 500).
    """

    operation_id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    replies: Mapping[str, Reply]

    @classmethod
    def from_contract(cls, method: str, path: str, definition: JsonObject) -> Operation:
        """The operation that a path item of the contract describes."""
        parameters = definition.get("parameters", [])
        body = definition.get("requestBody")
        return cls(
            operation_id=definition["operationId"],
            method=method.upper(),
            path=path,
            parameters=tuple(Parameter.from_contract(each["name"], each["in"], each) for each in parameters),
            body=body and RequestBody.from_contract(body["content"]["application/json"]["schema"]),
            replies={status: Reply.from_contract(each) for status, each in definition["responses"].items()},
        )

    def can_fail_with(self, status: int) -> bool:
        """Whether it has an answer with this error status."""
        return status >= 400 and self._reply(status) is not None

    def check_request(
        self, query: QueryParams, headers: Headers, document: object
    ) -> tuple[JsonObject, JsonObject]:
        """The decoded query and header parameters of a valid request.

        Raises:
            RefusedError: With every fault: 422 when all are between fields, else 400.
        """
        body_faults = self.body.faults(document) if self.body else []
        decoded_query, query_faults = self._read("query", query)
        decoded_headers, header_faults = self._read("header", headers)
        found = [*body_faults, *query_faults, *header_faults, *self._unknown(query)]
        if found:
            raise _refused(found)
        return decoded_query, decoded_headers

    def check_path(self, path: Mapping[str, str]) -> JsonObject:
        """The decoded parameters of a valid path.

        Raises:
            RefusedError: 400, with every fault.
        """
        decoded, faults = self._read("path", QueryParams(path))
        if faults:
            raise _refused(faults)
        return decoded

    def check_answer(self, answer: Answer) -> None:
        """Raise `ContractBreachError` unless the contract allows the answer."""
        reply = self._reply(answer.status)
        if reply is None:
            raise ContractBreachError(f"{self.operation_id} never answers {answer.status}")
        faults = reply.faults(answer)
        if faults:
            raise ContractBreachError(f"{self.operation_id} answered {answer.status} with {faults}")

    def _reply(self, status: int) -> Reply | None:
        return self.replies.get(str(status)) or self.replies.get(f"{status // 100}XX")

    def _read(self, location: str, source: QueryParams | Headers) -> tuple[JsonObject, list[Detail]]:
        """The decoded parameters of one location, and their faults."""
        decoded: dict[str, Any] = {}
        found: list[Detail] = []
        for parameter in self.parameters:
            if parameter.location == location:
                value, faults = parameter.read(source.getlist(parameter.name))
                decoded.update(value)
                found += faults
        return decoded, found

    def _unknown(self, query: QueryParams) -> list[Detail]:
        known = {parameter.name for parameter in self.parameters if parameter.location == "query"}
        return [
            Detail("query", f"/{name}", "unknown", "The parameter is not known")
            for name in query
            if name not in known
        ]


@cache
def operations(document: str = "openapi.json") -> tuple[Operation, ...]:
    """Every operation of a contract, in its order, compiled once for the whole process.

    Args:
        document: The file beside this one that describes it: HAVN's, or the control API's.

    Raises:
        SpecError: The contract uses something that the sandbox cannot do yet.
    """
    text = files("havn_ext.sandbox").joinpath(document).read_text("utf-8")
    contract: dict[str, Any] = jsonschema_rs.dereference(json.loads(text))
    return tuple(
        Operation.from_contract(method, path, item[method])
        for path, item in contract["paths"].items()
        for method in _METHODS
        if method in item
    )


def operation(operation_id: str, document: str = "openapi.json") -> Operation:
    """The operation of a contract with this id."""
    return next(each for each in operations(document) if each.operation_id == operation_id)


def _refused(faults: list[Detail]) -> RefusedError:
    between_fields = all(fault.rule == CROSS_FIELD_RULE for fault in faults)
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    told = "see details" if len(faults) <= _MOST_TOLD else f"the first {_MOST_TOLD} in details"
    return RefusedError(
        422 if between_fields else 400,
        f"The request breaks the contract: {count}, {told}",
        details=tuple(faults[:_MOST_TOLD]),
    )
