"""Dates and date-times of the wire as moments in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final

__all__ = ["first_moment", "last_moment", "stamp"]

_DATE_LENGTH: Final = len("2024-01-01")


def first_moment(text: str) -> datetime:
    """When a date begins; a date-time as it is.

    Args:
        text: `YYYY-MM-DD`, or an RFC 3339 date-time.

    Raises:
        ValueError: A moment that Python cannot hold: a leap second, the year 0.
    """
    return _moment(text, time.min)


def last_moment(text: str) -> datetime:
    """When a date ends; a date-time as it is. Takes and raises what `first_moment` does."""
    return _moment(text, time.max)


def stamp(moment: datetime) -> str:
    """A moment in UTC as HAVN writes it, to the second: `2024-06-01T08:30:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str, time_of_a_date: time) -> datetime:
    if len(text) == _DATE_LENGTH:
        return datetime.combine(date.fromisoformat(text), time_of_a_date, tzinfo=UTC)
    return datetime.fromisoformat(text.upper())
