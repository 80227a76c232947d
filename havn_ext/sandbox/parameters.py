"""Scalars outside of bodies: parameters of paths and queries, and headers of requests and of answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from havn_ext.sandbox.messages import Detail, JsonObject
from havn_ext.sandbox.schemas import Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Parameter", "SpecError"]

_Scalar: TypeAlias = str | int | float | bool

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,99})")
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
_BOOLEANS: Final = {"true": True, "false": False}


class SpecError(Exception):
    """The contract uses something that the sandbox cannot do yet."""


def _integer(text: str) -> _Scalar:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> _Scalar:
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(text: str) -> _Scalar:
    return _BOOLEANS.get(text, text)


_DECODERS: Final[Mapping[str, Callable[[str], _Scalar]]] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
"""Text to value, by the schema's type; text that does not fit stays text, for the schema to refuse."""


@attrs.frozen
class Parameter:
    """A named scalar and its schema.

    Args:
        name: As the contract writes it.
        location: `path`, `query` or `header`.
        required: Whether it must be there.
        schema: What its value must be.
    """

    name: str
    location: str
    required: bool
    schema: Schema
    _decode: Callable[[str], _Scalar] = attrs.field(repr=False)

    @classmethod
    def from_contract(cls, name: str, location: str, definition: JsonObject) -> Parameter:
        """The parameter, or header of an answer, that a definition of the contract describes.

        Raises:
            SpecError: It is no plain scalar in a path, a query or a header.
        """
        unsupported = definition.keys() & {"style", "explode", "allowReserved", "content"}
        if unsupported or location not in {"path", "query", "header"}:
            raise SpecError(f"{location} parameter {name}: only plain scalars in path, query and header")
        decode = _DECODERS.get(_type(definition["schema"]))
        if decode is None:
            raise SpecError(f"{location} parameter {name}: its type is none of {', '.join(_DECODERS)}")
        required = bool(definition.get("required", False))
        return cls(name, location, required, Schema(definition["schema"]), decode)

    def read(self, given: Sequence[str]) -> tuple[JsonObject, list[Detail]]:
        """The parameter as an object of no or one entry, and its faults.

        Args:
            given: Every text that came under the name.
        """
        if not given:
            return self._absent()
        if len(given) > 1:
            return {}, [self._fault("repeated", "The parameter is given more than once")]
        value = self._decode(given[0])
        return {self.name: value}, self.schema.faults(value, self.location, f"/{self.name}")

    def _absent(self) -> tuple[JsonObject, list[Detail]]:
        if self.required:
            return {}, [self._fault("required", "The parameter is missing")]
        definition = self.schema.definition
        return ({self.name: definition["default"]} if "default" in definition else {}), []

    def _fault(self, rule: str, message: str) -> Detail:
        return Detail(self.location, f"/{self.name}", rule, message)


def _type(schema: JsonObject) -> str:
    """The type that every value of a schema has; empty when there is not one alone."""
    branches: list[Any] = schema.get("anyOf", [schema])
    types = {str(branch.get("type", "")) for branch in branches}
    return types.pop() if len(types) == 1 else ""
