"""JSON Schema validators of the contract, and their findings as details of an error body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from havn_ext.sandbox.messages import Detail, JsonObject

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CROSS_FIELD_RULE", "Schema"]

CROSS_FIELD_RULE: Final = "if"
"""The rule of a detail whose fault is not in one field but between several (`if`/`then`)."""

_EMAIL: Final = jsonschema_rs.EmailOptions(allow_display_text=False, allow_domain_literal=False)


@attrs.frozen
class Schema:
    """One compiled schema.

    Messages say "The value" in place of the value, which may be an e-mail address.

    Args:
        definition: The schema, without references.
    """

    definition: JsonObject
    _validator: jsonschema_rs.Validator = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        validator = jsonschema_rs.validator_for(
            dict(self.definition),
            validate_formats=True,
            offline=True,
            mask="The value",
            email_options=_EMAIL,
        )
        object.__setattr__(self, "_validator", validator)

    def faults(self, value: Any, location: str, base: str = "") -> list[Detail]:  # noqa: ANN401  any JSON value
        """Every fault of `value`, once.

        Args:
            value: A JSON value.
            location: `body`, `query` or `header`.
            base: JSON pointer to `value`.
        """
        found = [
            detail
            for error in self._validator.iter_errors(value)
            for leaf in _leaves(error)
            for detail in _details(leaf, location, base)
        ]
        return list(dict.fromkeys(found))


def _leaves(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """The faults within the branches of a oneOf or anyOf, which say more than "not valid under any".

    The branch that only allows null (the contract's way to say "optional") is passed over.
    """
    kind = error.kind
    if not isinstance(kind, (Kind.OneOfNotValid, Kind.AnyOf)):
        yield error
        return
    for branch in kind.context:
        if [_expected_types(inner) for inner in branch] != [["null"]]:
            for inner in branch:
                yield from _leaves(inner)


def _expected_types(error: jsonschema_rs.ValidationError) -> list[str] | None:
    return error.kind.types if isinstance(error.kind, Kind.Type) else None


def _details(error: jsonschema_rs.ValidationError, location: str, base: str) -> Iterator[Detail]:
    """The fault where it stands: a missing or surplus field is named by its own path."""
    kind = error.kind
    rule = CROSS_FIELD_RULE if "then" in error.schema_path else kind.name
    path = base + "".join(_step(step) for step in error.instance_path)
    if isinstance(kind, Kind.Required):
        yield Detail(location, path + _step(kind.property), rule, "The field is missing")
    elif isinstance(kind, Kind.AdditionalProperties):
        for name in kind.unexpected:
            yield Detail(location, path + _step(name), rule, "The field is not known")
    else:
        yield Detail(location, path, rule, error.message)


def _step(step: str | int) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return "/" + str(step).replace("~", "~0").replace("/", "~1")
