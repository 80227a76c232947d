"""Where the users of a very large sync come from: named by a path, so that no user travels through the broker."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import attrs

from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from havn_ext._checks import Problems

__all__ = ["KeyRanges", "UserSource", "check_path", "named", "source"]

_PATH: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
RANGE: Final = 10_000


def _positive(_ranges: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise HAVNValidationError(errors={attribute.name: f"must be at least 1, not {value}"})


class UserSource(Protocol):
    """Users in parts, which are synced side by side. Each part is read again, as far as needed, after a crash."""

    def parts(self) -> Iterable[Any]:
        """What tells one part from another: small JSON values without personal data, such as `[0, 10000]`."""
        ...

    def users(self, part: Any) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401  what `parts` gave, as JSON has it
        """The users of one part, read lazily, each time in the same order."""
        ...


@attrs.frozen
class KeyRanges:
    """Users by ranges of an integer key, as a table's primary key.

        def customers() -> KeyRanges:
            return KeyRanges(first_and_last_id, select_between)

    Args:
        bounds: Gives the smallest and the largest key; None when there is no user.
        select: Gives the users whose key is at least the first and less than the second number, by key.
        size: Keys in one range.

    Raises:
        HAVNValidationError: The size is less than 1.
    """

    bounds: Callable[[], tuple[int, int] | None]
    select: Callable[[int, int], Iterable[Mapping[str, Any]]]
    size: int = attrs.field(default=RANGE, validator=_positive)

    def parts(self) -> Iterable[list[int]]:
        """See `UserSource`."""
        found = self.bounds()
        if found is not None:
            first, last = found
            for start in range(first, last + 1, self.size):
                yield [start, min(start + self.size, last + 1)]

    def users(self, part: Any) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401  as in `UserSource`
        """See `UserSource`."""
        start, end = part
        return self.select(start, end)


@attrs.frozen
class _Whole:
    """Users in one part."""

    everybody: Iterable[Mapping[str, Any]]

    def parts(self) -> Iterable[None]:
        return [None]

    def users(self, part: Any) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401  as in `UserSource`
        del part
        return self.everybody


def check_path(name: str, path: object, problems: Problems) -> None:
    """Notes what is wrong with a path such as `shop.users:everybody`; imports nothing."""
    if not (isinstance(path, str) and _PATH.fullmatch(path)):
        problems.add(name, f"must name a function as module:function, not {path!r}")


def named(path: str) -> Any:  # noqa: ANN401  anything has a name
    """What a path names.

    Raises:
        HAVNValidationError: There is no such thing.
    """
    module, _, names = path.partition(":")
    try:
        found: Any = import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError) as error:
        raise HAVNValidationError(errors={path: f"can't be found: {error}"}) from error
    return found


def source(path: str, arguments: Mapping[str, Any]) -> UserSource:
    """The source that a path names.

    Args:
        path: A function that gives users, which then are one part, or that gives a `UserSource`.
        arguments: What the function is called with.

    Raises:
        HAVNValidationError: There is no such function.
    """
    made = named(path)(**arguments)
    if callable(getattr(made, "parts", None)) and callable(getattr(made, "users", None)):
        return cast("UserSource", made)
    return _Whole(made)
