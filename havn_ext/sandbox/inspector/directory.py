"""The companies that the page can speak of, each by its masked key and a fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from havn_ext.sandbox import companies
from havn_ext.sandbox.inspector.masking import fingerprint, masked

if TYPE_CHECKING:
    from havn_ext.sandbox.box import Box

__all__ = ["Listed", "logged", "stored"]


@attrs.frozen
class Listed:
    """A company as the page names it.

    Args:
        api_key: Its key, for looking things up; never shown.
    """

    api_key: str = attrs.field(repr=False)

    @property
    def masked(self) -> str:
        """The beginning of its key."""
        return masked(self.api_key)

    @property
    def fingerprint(self) -> str:
        """What stands for it in addresses."""
        return fingerprint(self.api_key)


def stored(box: Box) -> list[Listed]:
    """The companies that have data, in the order in which they came."""
    return [Listed(api_key) for api_key in companies.keys(box.store)]


def logged(box: Box) -> list[Listed]:
    """The companies that have data or were in a logged request."""
    callers = [Listed(entry.company) for entry in reversed(box.log.entries()) if entry.company is not None]
    return list(dict.fromkeys([*stored(box), *callers]))
