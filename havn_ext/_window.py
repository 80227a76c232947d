"""How many calls may be under way at once: fewer when HAVN says that it is too many, more while all is well."""

from __future__ import annotations

__all__ = ["Window"]


class Window:
    """Halves on a 429, at most once for the calls that were under way then, and grows by one a success.

    Args:
        most: Calls at once; where it begins.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._deaf_for = 0
        self.size = most

    def refused(self) -> None:
        """HAVN answered 429."""
        if not self._deaf_for:
            self._deaf_for = self.size
            self.size = max(1, self.size // 2)

    def succeeded(self) -> None:
        """A call came through, after however many tries."""
        if self._deaf_for:
            self._deaf_for -= 1
        else:
            self.size = min(self._most, self.size + 1)
