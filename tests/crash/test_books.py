"""How the crash matrix finds out whether the books agree."""

from __future__ import annotations

import attrs
from crash.books import Counted, compare, fair_shares
from crash.cells import CONCURRENCY, FLUSH
from crash.report import HEADING, line, summary
from crash.trial import Outcome
from hypothesis import given
from hypothesis import strategies as st

from havn_ext.outbox.shift import FLUSH_MARKS
from havn_ext.sandbox.commissions import shares

AMOUNTS = st.integers(min_value=0, max_value=10**12)
PAYMENTS = st.dictionaries(st.text("abcdef", min_size=1), AMOUNTS, min_size=1)


def counted(amount: int) -> Counted:
    """A sale as it should be in the ledger."""
    return Counted(amount, fair_shares(amount))


@given(PAYMENTS)
def test_books_that_agree_are_not_complained_of(payments: dict[str, int]) -> None:
    """Every payment counted once, with its own amount and one commission a level: nothing to complain of."""
    agreement = compare(payments, {key: counted(amount) for key, amount in payments.items()})
    assert (agreement.payments, agreement.complaints) == (len(payments), [])


@given(PAYMENTS, st.data())
def test_every_difference_is_found(payments: dict[str, int], data: st.DataObject) -> None:
    """A payment that is missing, one that nobody made, a wrong amount and a wrong commission are each told."""
    key = data.draw(st.sampled_from(sorted(payments)))
    ledger = {each: counted(amount) for each, amount in payments.items()}
    right = ledger[key]
    others = {each: entry for each, entry in ledger.items() if each != key}
    assert compare(payments, others).lost == (key,)
    assert compare(payments, ledger | {"never paid": right}).strange == ("never paid",)
    assert compare(payments, others | {key: counted(right.amount + 1)}).wrong == (key,)
    for wrong in (right.shares * 2, right.shares[:4], ()):
        assert compare(payments, others | {key: Counted(right.amount, wrong)}).double == (key,)
    assert "1 lost: " in compare(payments, others).complaints[0]


@given(AMOUNTS)
def test_commissions_are_those_of_havn(amount: int) -> None:
    """What the harness works out by itself is what the sandbox shares out."""
    assert fair_shares(amount) == tuple((share.level, share.usd_cents) for share in shares(amount))


def test_the_bound_is_that_of_the_worker() -> None:
    """A worker has no more unwritten marks than the bound of what may be sent again allows for."""
    assert FLUSH == FLUSH_MARKS
    assert CONCURRENCY > 0


def test_the_table_lines_up() -> None:
    """Every line is as long as the heading; complaints are below, and named in the summary."""
    good = Outcome("mid_mark-sqlite-1", blows=3, kills=3, payments=120, rolled_back=20, resent=4, bound=216)
    bad = attrs.evolve(good, cell="bad", complaints=["1 lost: pay_1"], lost=1)
    assert len(line(good)) == len(HEADING)
    assert line(bad).splitlines()[1:] == ["  WRONG: 1 lost: pay_1"]
    assert summary([good], 3).endswith("the books agree to the row")
    assert summary([good, bad], 3).endswith("WRONG: bad")
    assert "6 kills (asked for: 3), 240 payments, 40 rolled back: 1 lost, 0 double, 8 sent again" in summary(
        [good, bad], 3
    )
