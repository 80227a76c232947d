"""What the property tests draw: one strategy for each kind of value, so that a test states its rule alone."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from havn_api.models.currency import CURRENCY_VALUES
from havn_ext.models import Voucher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────


def _joined(text: str) -> str:
    """`text` as a JSON parser gives it: two surrogates that spell one character are that character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


any_text: Final = st.text(st.characters(), max_size=12).map(_joined)
"""Text with any character, lone surrogates included."""

json_scalars: Final[SearchStrategy[Any]] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**60), 10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | any_text
)

json_values: Final[SearchStrategy[Any]] = st.recursive(
    json_scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=20,
)
"""Any JSON value."""

json_objects: Final = st.dictionaries(any_text, json_values, max_size=5)
"""Any JSON object."""


@st.composite
def deep_json_values(draw: st.DrawFn) -> Any:
    """A JSON value below up to 150 levels of arrays and objects."""
    value = draw(json_scalars)
    for key in draw(st.lists(st.none() | any_text, max_size=150)):
        value = [value] if key is None else {key: value}
    return value


# ── secrets and people ───────────────────────────────────────────────────────────────────────────

secrets: Final = st.text(string.ascii_letters + string.digits + "_-+/=.", min_size=8, max_size=40)
"""Credentials as HAVN gives them out."""

emails: Final = st.builds(
    "{}@{}.{}".format,
    st.text(string.ascii_letters + string.digits + "._+-", min_size=2, max_size=20),
    st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12),
    st.sampled_from(["com", "example", "co.id"]),
)
"""E-mail addresses as people write them."""

# ── money ────────────────────────────────────────────────────────────────────────────────────────

amounts: Final = st.integers(0, 1_000_000_000)
"""Minor units, up to the contract's largest amount."""

currencies: Final = st.sampled_from(sorted({*CURRENCY_VALUES, "KWD", "BHD", "CLP", "ISK"}))
"""Currencies with 0, 2 and 3 decimals."""

rates: Final = st.builds(Decimal.scaleb, st.integers(1, 10**18).map(Decimal), st.integers(-20, 2).map(Decimal))
"""Exchange rates, US dollars for one unit."""

# ── time ─────────────────────────────────────────────────────────────────────────────────────────

zones: Final = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
"""Offsets from UTC, as far as there are any on Earth."""

days: Final = st.dates(date(2023, 12, 29), date(2024, 1, 3))
"""Days so near to one another that boundaries are met."""

moments: Final = st.datetimes(
    datetime(2023, 12, 29),  # noqa: DTZ001  Hypothesis adds the zone
    datetime(2024, 1, 3),  # noqa: DTZ001  the same
    timezones=zones | st.just(UTC),
)
"""Aware moments among `days`."""

# ── vouchers ─────────────────────────────────────────────────────────────────────────────────────

iso_texts: Final = st.one_of(
    days.map(date.isoformat),
    moments.map(datetime.isoformat),
    moments.map(lambda moment: moment.replace(tzinfo=None).isoformat()),
    st.sampled_from(["soon", "", "2024-13-01", "2024-01-01T25:00:00"]),
)
"""Dates and date-times as HAVN or a caller may write them, unreadable ones included."""

_FIELDS: Final[Mapping[str, SearchStrategy[Any]]] = {
    "code": st.sampled_from(["HAVN-A-1", "havn-b-2", "LOCAL10", "STRASSE", ""]),
    "type": st.sampled_from(["DISCOUNT_PERCENTAGE", "DISCOUNT_FIXED", "SOMETHING_NEW"]),
    "client_type": st.sampled_from(["NEW_CUSTOMER", "RECURRING"]),
    "description": st.sampled_from(["Summer sale", "Straße", "ten percent off local10"]),
    "active": st.booleans(),
    **dict.fromkeys(("currency", "configured_currency"), st.sampled_from(["USD", "IDR"])),
    **dict.fromkeys(("value", "min_purchase", "max_purchase", "usage_limit", "current_usage"), st.integers(0, 6)),
    **dict.fromkeys(("start_date", "end_date", "created_date"), iso_texts),
}

vouchers: Final = st.fixed_dictionaries({}, optional=_FIELDS).map(lambda fields: Voucher(**fields))
"""Vouchers with any of their fields missing, and values near enough to collide."""


@st.composite
def discounting_vouchers(draw: st.DrawFn) -> Voucher:
    """Vouchers whose discount is known, with or without bounds on the purchase."""
    kind = draw(st.sampled_from(["DISCOUNT_PERCENTAGE", "DISCOUNT_FIXED"]))
    return Voucher(
        type=kind,
        value=draw(st.integers(0, 20_000)),
        min_purchase=draw(st.none() | amounts),
        max_purchase=draw(st.none() | amounts),
    )


# ── answers ──────────────────────────────────────────────────────────────────────────────────────

_MUTATIONS: Final = st.sampled_from(["drop", "null", "junk", "descend"])
_JUNK: Final = (
    json_scalars
    | st.lists(json_scalars, max_size=2)
    | st.dictionaries(any_text, json_scalars, max_size=2)
    | st.sampled_from([1e300, 1e999, "1e999999", "NaN", "5.00", [[]], [{}, None]])
)


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value like `value`, with parts missing, null, of another type, or added, at any depth."""
    if isinstance(value, list):
        return [*(draw(mutated(item)) for item in value), *draw(st.lists(_JUNK, max_size=1))]
    if not isinstance(value, dict):
        return draw(_JUNK)
    result = value | draw(st.dictionaries(st.sampled_from(["new_a", "new_b"]), _JUNK, max_size=1))
    for name, mutation in draw(st.dictionaries(st.sampled_from(sorted(value)), _MUTATIONS, max_size=6)).items():
        match mutation:
            case "drop":
                del result[name]
            case "null":
                result[name] = None
            case "junk":
                result[name] = draw(_JUNK)
            case "descend":
                result[name] = draw(mutated(value[name]))
    return result
