"""The small parts: states, schedule, fault points, messages, names, and what is said when a package is missing."""

from __future__ import annotations

import inspect
import os
import signal
import sys
from sqlite3 import dbapi2
from typing import TYPE_CHECKING, Any

import pytest

import havn_ext.outbox
from havn_ext import errors
from havn_ext._sale import SaleOptions
from havn_ext._user import UserOptions
from havn_ext.errors import HAVNValidationError
from havn_ext.outbox import HAVNOutboxConflictError, HAVNOutboxError, Schedule, composing, enqueue, states
from havn_ext.outbox.database import SQLAlchemyDatabase
from havn_ext.outbox.delivery import OPERATIONS, ClientSender
from havn_ext.outbox.faults import NO_FAULTS, POINTS, Faults
from havn_ext.outbox.protocol import dialect_of
from havn_ext.outbox.schedule import DAY
from havn_ext.outbox.statements import Statements
from havn_ext.resources.transactions import Transactions
from havn_ext.resources.users import Users

if TYPE_CHECKING:
    from collections.abc import Callable

# ── states ───────────────────────────────────────────────────────────────────────────────────────


def test_the_picture_shows_every_state() -> None:
    """Every state is in the picture, and in the table of changes."""
    for state in states.STATES:
        assert state in str(states.__doc__)
        assert state in states.CHANGES


def test_a_yes_is_reachable_from_everywhere_and_final() -> None:
    """Every other state leads to delivered, and delivered leads nowhere."""
    for state in states.STATES:
        assert states.allowed(state, "delivered") == (state != "delivered")
        assert not states.allowed("delivered", state)


def test_retries_and_cancels_are_changes() -> None:
    """What the statements retry and cancel are changes that the table allows."""
    sql = Statements.of("sqlite", "t", "p")
    for state in states.STATES:
        assert (f"'{state}'" in sql.retry.partition("WHERE")[2]) == (state in states.RETRYABLE)
        assert (state in states.RETRYABLE) == states.allowed(state, "pending")
        assert (f"'{state}'" in sql.cancel.partition("WHERE")[2]) == states.allowed(state, "cancelled")
        purged = sql.delete.partition("state IN (")[2].partition(")")[0]
        assert (f"'{state}'" in purged) == (state in states.PURGEABLE)
        blocking = sql.claim.partition("p.state IN (")[2].partition(")")[0]
        assert (f"'{state}'" in blocking) == (state in states.BLOCKING)


# ── schedule ─────────────────────────────────────────────────────────────────────────────────────


def test_the_usual_ladder_lasts_for_days() -> None:
    """There are 22 attempts in up to 6.7 days."""
    ladder = Schedule().ladder
    assert len(ladder) + 1 == 22
    assert sum(ladder) / DAY == pytest.approx(6.65, abs=0.01)
    assert ladder[:9] == (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
    assert set(ladder[9:]) == {43200}


@pytest.mark.parametrize(
    "options",
    [
        {"ladder": (1, -1)},
        {"ladder": ("1",)},
        {"ladder": (True,)},
        {"ladder": (float("inf"),)},
        {"rate_limited": 0},
        {"longest_asked": "day"},
    ],
)
def test_a_senseless_schedule_is_refused(options: Any) -> None:
    """A schedule with what is no number of seconds is refused by name."""
    with pytest.raises(HAVNValidationError) as caught:
        Schedule(**options)
    assert caught.value.errors.keys() == options.keys()


# ── fault points ─────────────────────────────────────────────────────────────────────────────────


def test_a_fault_strikes_at_its_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process kills itself with SIGKILL at the point named, and nowhere else; by default nowhere at all."""
    killed: list[Any] = []
    monkeypatch.setattr(os, "kill", lambda *arguments: killed.append(arguments))
    fault = Faults.from_environment({"HAVN_OUTBOX_FAULT": "after_send:1"})
    for point in POINTS:
        fault.hit(point)
        NO_FAULTS.hit(point)
    assert killed == [(os.getpid(), signal.SIGKILL)]


def test_a_seed_makes_faults_repeatable() -> None:
    """The same seed strikes the same times, about as often as the probability says."""

    def strikes() -> list[int]:
        fault = Faults.from_environment({"HAVN_OUTBOX_FAULT": "in_renew:0.25:7"})
        struck: list[int] = []
        for number in range(200):
            Faults(fault.point, fault.probability, fault.rng, lambda number=number: struck.append(number)).hit(  # type: ignore[misc]
                "in_renew"
            )
        return struck

    assert strikes() == strikes()
    assert 20 < len(strikes()) < 80


@pytest.mark.parametrize("said", ["nowhere:1", "after_send", "after_send:often", ":1"])
def test_an_unknown_fault_is_refused(said: str) -> None:
    """A variable that names no fault point is an error, so that no crash test runs without crashes."""
    with pytest.raises(HAVNValidationError, match="HAVN_OUTBOX_FAULT"):
        Faults.from_environment({"HAVN_OUTBOX_FAULT": said})


def test_without_the_variable_nothing_dies() -> None:
    """No variable, or an empty one, is no fault."""
    assert Faults.from_environment({}) is Faults.from_environment({"HAVN_OUTBOX_FAULT": ""}) is NO_FAULTS


# ── the same keywords as the direct call ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("direct", "queued", "options", "defaults"),
    [
        (Transactions.send, enqueue.Outbox.transaction, SaleOptions, composing._SALE),
        (Users.sync, enqueue.Outbox.user, UserOptions, composing._USER),
    ],
)
def test_enqueueing_takes_what_the_direct_call_takes(
    direct: Callable[..., Any], queued: Callable[..., Any], options: Any, defaults: Any
) -> None:
    """The keywords and their defaults are those of the direct call, but for the timeout."""
    wanted = inspect.signature(direct).parameters
    given = inspect.signature(queued).parameters
    names = [name for name in wanted if name not in {"self", "timeout", *given}]
    assert sorted(options.__annotations__) == sorted(names) == sorted(defaults)
    for name in names:
        assert defaults[name] == wanted[name].default
    for name in given.keys() & wanted.keys() - {"self"}:
        assert given[name].default == wanted[name].default


# ── names, errors, packages ──────────────────────────────────────────────────────────────────────


def test_the_names_are_sorted_and_there() -> None:
    """`__all__` is sorted, every name resolves, and there are no others."""
    names = havn_ext.outbox.__all__
    assert names == sorted(names) == dir(havn_ext.outbox) == sorted(havn_ext.outbox._HOMES)
    for name in names:
        assert getattr(havn_ext.outbox, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Inbox'"):
        _ = havn_ext.outbox.Inbox  # type: ignore[attr-defined]


def test_the_errors_are_below_havns() -> None:
    """Whoever catches HAVNError catches the outbox's errors, which travel like the others."""
    assert issubclass(HAVNOutboxConflictError, HAVNOutboxError)
    assert issubclass(HAVNOutboxError, errors.HAVNError)
    import pickle

    conflict = pickle.loads(pickle.dumps(HAVNOutboxConflictError("no", message_id=7, key="pay_1")))  # noqa: S301  our own
    assert (str(conflict), conflict.message_id, conflict.key) == ("no", 7, "pay_1")


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SQLAlchemy the first name says which extra to install."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    for module in ("havn_ext.outbox.tables", "havn_ext.outbox.database"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'havn-sdk\[outbox\]'"):
        _ = havn_ext.outbox.outbox_tables


def test_another_missing_module_is_not_explained_away() -> None:
    """A module that no extra brings is missing as Python says it."""
    from havn_ext.outbox.extra import outbox_extra

    with pytest.raises(ModuleNotFoundError, match=r"^nothing$"), outbox_extra():
        raise ModuleNotFoundError("nothing", name="havn_ext.nothing")


def test_other_databases_are_refused() -> None:
    """A database that is neither PostgreSQL nor SQLite is refused, and an engine for asyncio, by name."""
    from sqlalchemy.ext.asyncio import create_async_engine

    with pytest.raises(HAVNOutboxError, match="not in mysql"):
        dialect_of("mysql")
    with pytest.raises(HAVNOutboxError, match="blocking engine"):
        SQLAlchemyDatabase(create_async_engine("sqlite+aiosqlite://"))  # type: ignore[arg-type]
    with pytest.raises(HAVNOutboxError, match="not in mysql"):  # and not: that its driver is missing
        SQLAlchemyDatabase("mysql://shop")
    with pytest.raises(HAVNOutboxError, match="no driver"):
        SQLAlchemyDatabase("postgresql+nosuch://shop")
    with pytest.raises(HAVNOutboxError, match="no address"):
        SQLAlchemyDatabase("shop.db")
    with pytest.raises(HAVNOutboxError, match="psycopg2 is missing, which postgresql\\+psycopg2 needs"):
        SQLAlchemyDatabase("postgresql+psycopg2:///shop")


def test_an_old_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite without RETURNING is refused at once, and not at night."""
    monkeypatch.setattr(dbapi2, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(HAVNOutboxError, match=r"3\.35 or later .* not 3\.34\.1"):
        SQLAlchemyDatabase("sqlite://")


def test_an_asynchronous_address_is_taken_blocking() -> None:
    """The address that the application has for its asynchronous engine will do for the worker."""
    for address, driver in (
        ("sqlite+aiosqlite://", "sqlite"),
        ("postgresql+asyncpg:///shop", "postgresql+psycopg"),
    ):
        database = SQLAlchemyDatabase(address)
        assert database.engine.url.drivername == driver
        database.close()


def test_a_sender_needs_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender without accounts, or whose account lacks credentials, is refused before anything is claimed."""
    for name in ("HAVN_API_KEY", "HAVN_WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(HAVNValidationError, match="at least one account"):
        ClientSender({})
    with pytest.raises(HAVNValidationError, match="HAVN_API_KEY"):
        ClientSender()


def test_every_kind_has_an_operation() -> None:
    """Every kind of message is an operation of the contract."""
    assert OPERATIONS.keys() == set(states.KINDS)
