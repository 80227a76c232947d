"""No statement that runs often, or over very many rows, reads the whole table."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from outbox_support import LANES
from sqlalchemy import text

from havn_ext.errors import HAVNValidationError
from havn_ext.outbox.messages import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from outbox_support import Place

    from havn_ext.outbox import Store

CALLS: dict[str, Callable[[Store], object]] = {
    "claim": lambda store: store.claim(LANES, 10, lease=60.0, worker="w1"),
    "mark": lambda store: store.mark([Mark(id=1, epoch=1, state="delivered", status=200)]),
    "renew": lambda store: store.renew([(1, 1)], lease=60.0),
    "put_off": lambda store: store.put_off(LANES),
    "status": lambda store: store.status(finished=False),
    "purge": lambda store: store.purge(),
    "show": lambda store: store.show(1),
    "retry": lambda store: store.retry([1]),
    "retry_all": lambda store: store.retry_all("dead"),
    "cancel": lambda store: store.cancel([1]),
    "cancel_all": lambda store: store.cancel_all("reconcile"),
}


@contextmanager
def explained(place: Place) -> Iterator[list[str]]:
    """Collects the plan of every statement that the store executes, and executes none."""
    plans: list[str] = []
    database = place.store.database
    transaction = database.transaction

    @contextmanager
    def explaining() -> Iterator[Any]:
        with transaction() as execute:
            if not place.is_sqlite:
                execute(
                    "SET LOCAL enable_seqscan = off", {}
                )  # as with very many rows: only where nothing else serves

            def explain(sql: str, parameters: Any) -> list[Any]:
                rows = execute(f"{'EXPLAIN QUERY PLAN' if place.is_sqlite else 'EXPLAIN'} {sql}", parameters)
                plans.append("\n".join(str(row[-1]) for row in rows))
                return []

            yield explain

    patched: Any = database
    patched.transaction = explaining
    try:
        yield plans
    finally:
        patched.transaction = transaction


def whole_reads(plan: str) -> list[str]:
    """The steps of a plan that read the whole table of messages."""
    steps = [line.strip(" ->") for line in plan.splitlines()]
    # what SQLite has made itself, or read from the parameters, is no table
    made = {step.split()[1] for step in steps if step.startswith(("MATERIALIZE", "CO-ROUTINE"))} | {"json_each"}
    return [
        step
        for step in steps
        if step.startswith("Seq Scan on havn_outbox ")
        or (step.startswith("SCAN") and "INDEX" not in step and step.split()[1] not in made)
    ]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_statement_has_an_index(place: Place, call: Callable[[Store], object]) -> None:
    """Whatever a worker or a keeper asks for in the course of things is found by an index."""
    with explained(place) as plans:
        call(place.store)
    assert plans
    for plan in plans:
        assert whole_reads(plan) == [], plan


def test_the_plan_of_a_full_scan_is_told(place: Place) -> None:
    """The test above can fail: it knows a statement that reads everything."""
    with explained(place) as plans, place.store.database.transaction() as explain:
        explain("SELECT * FROM havn_outbox WHERE last_status = 500", {})
    assert len(whole_reads(plans[0])) == 1


@pytest.mark.parametrize("change", ["retry_all", "cancel_all"])
def test_there_is_no_such_state(place: Place, change: str) -> None:
    """All messages of a state that there is not are none, and the caller hears of it."""
    wrong: Any = "waiting"
    with pytest.raises(HAVNValidationError, match="state: must be one of pending, delivered"):
        getattr(place.store, change)(wrong)
    with place.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM havn_outbox")).scalar_one() == 0
