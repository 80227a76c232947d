"""Rules of the outbox that hold for all inputs."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from havn_api.models import TransactionRequest, UserSyncRequest
from havn_ext._checks import Problems
from havn_ext._clock import SYSTEM_CLOCK
from havn_ext._drivers import SyncDriver
from havn_ext._pool import SyncPool
from havn_ext.currency import Conversion, recorded_conversion
from havn_ext.errors import HAVNValidationError
from havn_ext.outbox.composing import _SALE, _USER
from havn_ext.outbox.messages import NewMessage
from havn_ext.outbox.schedule import Schedule
from havn_ext.resources import transactions, users
from havn_ext.signing import canonical_json

seconds = st.floats(0, 1e6)
schedules = st.builds(
    Schedule,
    ladder=st.lists(seconds, max_size=30),
    rate_limited=st.floats(0.1, 1e4),
    longest_asked=st.floats(0.1, 1e6),
)
dice = st.integers().map(random.Random)
amounts = st.integers(1, 1_000_000_000)
fields = st.dictionaries(
    st.text(min_size=1, max_size=10), st.text(max_size=10) | st.integers() | st.booleans(), max_size=6
)


@given(schedules, st.integers(1, 40), st.none() | seconds, dice)
def test_a_wait_is_within_its_rung(schedule: Schedule, attempts: int, asked: Any, rng: random.Random) -> None:
    """A wait is drawn from its rung or as long as HAVN asks, and there are as many as there are rungs."""
    wait = schedule.after_failure(attempts, asked, rng)
    if attempts > len(schedule.ladder):
        assert wait is None
    elif asked is None:
        assert wait is not None
        assert 0 <= wait <= schedule.ladder[attempts - 1]
    else:
        assert wait is not None
        least = min(asked, schedule.longest_asked)
        assert least <= wait <= least * 1.1 + 1e-9


@given(schedules, st.none() | seconds, dice)
def test_a_rate_limit_is_never_cut_short(schedule: Schedule, asked: Any, rng: random.Random) -> None:
    """After a 429 the wait is never shorter than HAVN asks, up to the longest that is obeyed."""
    wait = schedule.after_rate_limit(asked, rng)
    assert wait >= min(schedule.rate_limited if asked is None else asked, schedule.longest_asked)


def prepared(given: dict[str, Any], rates: Any = None) -> dict[str, Any]:
    """What the first half of `transactions.send` makes of its arguments."""
    flow = transactions.prepare({**_SALE, **given}, rates, Problems())
    found: dict[str, Any] = SyncDriver(SyncPool(None, None), SYSTEM_CLOCK).run(flow).request.to_dict()
    return found


@given(amounts, st.text(min_size=1, max_size=200).filter(str.strip), fields)
def test_the_stored_payload_is_what_is_signed(amount: int, payment_id: str, custom: dict[str, Any]) -> None:
    """From the stored text come the very bytes that the direct call would sign, also through the request model."""
    body = prepared(
        {
            "amount": amount,
            "payment_gateway_transaction_id": payment_id,
            "customer_id": "c",
            "custom_fields": custom,
        }
    )
    message = NewMessage.of("default", "transaction", payment_id, None, body)
    restored = json.loads(message.payload)
    assert canonical_json(restored).decode("ascii") == message.payload
    assert canonical_json(TransactionRequest.from_dict(restored).to_dict()) == canonical_json(body)


@given(st.text(min_size=1, max_size=200).filter(str.strip), st.booleans())
def test_a_stored_user_is_what_is_signed(name: str, is_owner: bool) -> None:
    """The same for users."""
    given_ = {**_USER, "email": "ann@shop.example", "name": name, "is_owner": is_owner}
    body = users.prepare(given_, Problems()).to_dict()
    restored = json.loads(NewMessage.of("default", "user", "k", None, body).payload)
    assert canonical_json(UserSyncRequest.from_dict(restored).to_dict()) == canonical_json(body)


@given(
    amounts,
    st.none() | amounts,
    st.decimals(Decimal("0.00001"), Decimal(10), places=7),
    st.sampled_from(["IDR", "EUR", "JPY"]),
)
def test_a_conversion_is_read_back_from_the_payload(
    amount: int, discount: int | None, rate: Decimal, currency: str
) -> None:
    """From the stored payload comes the very conversion, so that its exactness can be checked at delivery."""
    subtotal = None if discount is None else amount + discount
    assume(subtotal is None or subtotal <= 1_000_000_000)
    given_ = {
        "amount": amount,
        "currency": currency,
        "subtotal_transaction": subtotal,
        "promo_code": "HAVN-A-S08-B",
        "payment_gateway_transaction_id": "p",
        "customer_id": "c",
    }
    try:
        body = prepared(given_, {currency: rate})
    except HAVNValidationError:  # less than a cent, or too much
        assume(False)
    assert recorded_conversion(json.loads(canonical_json(body))) == Conversion(amount, currency, rate, subtotal)


@given(
    st.dictionaries(
        st.sampled_from(["original_amount", "original_currency", "exchange_rate", "original_subtotal"]),
        st.text(max_size=5) | st.integers() | st.booleans() | st.none(),
    ),
    amounts,
)
def test_odd_fields_are_no_conversion(custom: dict[str, Any], amount: int) -> None:
    """Entries of the caller's own under these names never break a delivery."""
    found = recorded_conversion({"amount": amount, "currency": "USD", "custom_fields": custom})
    assert found is None or found.amount == amount
    assert recorded_conversion({"amount": amount, "currency": "IDR", "custom_fields": custom}) is None
    assert recorded_conversion({"amount": amount, "currency": "USD"}) is None
