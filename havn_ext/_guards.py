"""Tells a type checker what an `isinstance` can't: the kind of JSON that a value of unknown origin is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard


def is_json_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a parsed JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a parsed JSON value is an array."""
    return isinstance(value, list)


def is_collection_of_users(value: object) -> TypeGuard[Iterable[Any]]:
    """Whether a value can be iterated over, and is neither text nor one user by itself."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether a value has keys."""
    return isinstance(value, (dict, Mapping))  # the usual one first, for the abstract class takes long
