"""Very large syncs: in parts, each goes on where it stopped, and the report counts every user once."""

from __future__ import annotations

import logging
import random
import sys
from collections import Counter
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st
from outbox_support import engine_of, sqlite_database
from sqlalchemy import MetaData

from havn_ext._checkpoint import SavedSync
from havn_ext.errors import HAVNValidationError
from havn_ext.integrations.celery import KeyRanges, configure_users, sync_tables
from havn_ext.integrations.celery.jobs import Jobs, LeaseLostError
from havn_ext.models import SyncError, SyncReport
from havn_ext.outbox import HAVNOutboxConflictError, Schedule, SQLAlchemyDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import URL, Engine

USERS = 230
WRONG = {7, 60, 229}
LEASE = 60.0


def user(number: int) -> dict[str, Any]:
    """A user, or one without a proper address."""
    return {"email": "nobody" if number in WRONG else f"u{number}@shop.example", "name": f"User {number}"}


@attrs.define
class People:
    """What the module `shop_people` has: sources, and what takes the results."""

    users: list[dict[str, Any]] = attrs.field(factory=lambda: [user(number) for number in range(USERS)])
    results: list[str] = attrs.field(factory=list)
    trouble: Exception | None = None
    before_user: Callable[[int], None] = lambda _: None

    def everybody(self) -> Iterator[dict[str, Any]]:
        """A function's users."""
        for number, each in enumerate(self.users):
            self.before_user(number)
            yield each

    def ranges(self, size: int = 100) -> KeyRanges:
        """The same by ranges."""
        if self.trouble is not None:
            raise self.trouble
        return KeyRanges(lambda: (0, len(self.users) - 1) if self.users else None, self._between, size)

    def _between(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        for number in range(start, min(end, len(self.users))):
            self.before_user(number)
            yield self.users[number]

    def keep(self, result: Any) -> None:
        """Takes a result."""
        self.results.append(result.user.email)


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> People:
    """The module `shop_people`."""
    module, made = ModuleType("shop_people"), People()
    for name in ("everybody", "ranges", "keep"):
        setattr(module, name, getattr(made, name))
    monkeypatch.setitem(sys.modules, "shop_people", module)
    return made


both = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """A file, or a database of either kind for tests that are `both`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return sqlite_database(tmp_path)
    found: URL = request.getfixturevalue("postgres")
    return found


@pytest.fixture
def engine(url: URL) -> Iterator[Engine]:
    """A database of either kind, without tables of ours."""
    with engine_of(url) as made:
        sync_tables(metadata := MetaData())
        metadata.drop_all(made)
        yield made


@pytest.fixture
def accounts(havn: Any) -> Any:
    """What leads to the sandbox."""
    company = havn.company
    return {
        "default": {"api_key": company.api_key, "webhook_secret": company.webhook_secret, "base_url": company.url}
    }


@pytest.fixture
def users(app: Any, engine: Engine, accounts: Any) -> Any:
    """The tasks, with their tables; `users.work()` is one run of the task."""
    schedule = Schedule(ladder=(0.0, 0.0))
    made = configure_users(
        app, database=engine, accounts=accounts, concurrency=1, schedule=schedule, rng=random.Random(1)
    )
    made.create_tables()
    return made


@pytest.fixture
def jobs(engine: Engine, users: Any) -> Jobs:
    """The tables."""
    del users
    return Jobs(SQLAlchemyDatabase(engine))


def note_ends(app: Any, ends: list[str]) -> None:
    """Puts the task `shop.ended` on the app."""

    def ended(job: str) -> None:
        ends.append(job)

    app.task(name="shop.ended", shared=False)(ended)


def addresses() -> list[str]:
    """The users that can be synced."""
    return sorted(f"u{number}@shop.example" for number in range(USERS) if number not in WRONG)


@both
@pytest.mark.parametrize(("path", "parts"), [("shop_people:ranges", 3), ("shop_people:everybody", 1)])
def test_everybody_is_synced_and_reported(users: Any, havn: Any, people: People, path: str, parts: int) -> None:
    """A sync of a function's users and one by ranges give the same report, with every failure in its place."""
    users.sync("all", path, on_result="shop_people:keep")
    users.work()
    status = users.status("all")
    assert (status.state, status.error, status.errors) == ("done", None, {})
    assert status.parts == {"open": 0, "done": parts, "dead": 0}
    assert (status.report.total, status.report.succeeded) == (USERS, USERS - len(WRONG))
    assert [failure.index for failure in status.report.failures] == sorted(WRONG)
    assert {failure.email for failure in status.report.failures} == {"nobody"}
    assert status.report.finished
    assert status.report.unaccounted == 0
    assert havn.users() == addresses() == sorted(people.results)


def test_a_message_begins_the_work(users: Any, app: Any, people: People, havn: Any) -> None:
    """`sync` rings for the workers, so that nobody waits for the sweep."""
    app.conf.task_always_eager = True
    ends: list[str] = []
    note_ends(app, ends)
    users.sync("all", "shop_people:ranges", on_end="shop.ended")
    assert havn.users() == addresses()
    assert ends == ["all"]
    assert people.results == []


def test_the_sweep_is_in_the_schedule(users: Any, app: Any) -> None:
    """Beat sweeps for parts that are due."""
    del users
    assert app.conf.beat_schedule["havn.users.sweep"]["task"] == "havn.users.sync"


@pytest.mark.usefixtures("people")
def test_the_same_call_is_the_same_sync(users: Any) -> None:
    """The same call again begins nothing; the same name for something else is a conflict."""
    for _ in range(2):
        users.sync("all", "shop_people:ranges", arguments={"size": 50}, upline_code="HAVN-MJ-001")
    with pytest.raises(HAVNOutboxConflictError, match="all") as caught:
        users.sync("all", "shop_people:ranges", arguments={"size": 60}, upline_code="HAVN-MJ-001")
    assert caught.value.key == "all"


@pytest.mark.usefixtures("people")
def test_a_task_that_has_no_time_goes_on_in_the_next(app: Any, engine: Engine, accounts: Any, havn: Any) -> None:
    """Each task saves at least one batch, gives its part back, and no batch is sent twice."""
    made: Any = configure_users(app, database=engine, accounts=accounts, concurrency=1, max_seconds=1e-9)
    made.create_tables()
    made.sync("all", "shop_people:everybody")
    rounds = 0
    while made.status("all").state != "done":
        made.work()
        rounds += 1
        assert rounds < 20
    assert rounds > 3
    assert havn.users() == addresses()
    assert [failure.index for failure in made.status("all").report.failures] == sorted(WRONG)
    assert len(havn.company.requests(operation="syncUsers", limit=100)) == 5


def test_a_part_goes_on_where_it_failed(users: Any, people: People, havn: Any) -> None:
    """What fails on the way is tried again from the last batch; the failures before it are kept once."""
    troubles = iter([ConnectionError("the shop's database is gone"), None])

    def trouble(number: int) -> None:
        if number == 120 and (error := next(troubles, None)):
            raise error

    people.before_user = trouble
    users.sync("all", "shop_people:everybody")
    users.work()
    assert users.status("all").state == "done"
    assert [failure.index for failure in users.status("all").report.failures] == sorted(WRONG)
    assert len(havn.company.requests(operation="syncUsers", limit=100)) == 5
    assert havn.users() == addresses()


def test_users_that_have_changed_are_synced_anew(users: Any, people: People, havn: Any) -> None:
    """When the users before the saved position are others now, their part begins anew, with a report of its own."""
    failing = [True]

    def trouble(number: int) -> None:
        if number == 120 and failing:
            failing.clear()
            people.users[3]["name"] = "Another Name"
            people.users[60] = user(61) | {"name": "In Order Now"}
            raise ConnectionError

    people.before_user = trouble
    users.sync("all", "shop_people:everybody")
    users.work()
    report = users.status("all").report
    assert [failure.index for failure in report.failures] == [7, 229]
    assert (report.total, report.succeeded, report.finished) == (USERS, USERS - 2, True)
    assert havn.users() == addresses()


def test_a_part_that_fails_again_and_again_is_dead(users: Any, people: People, havn: Any) -> None:
    """A part that runs out of attempts is dead and says why; `retry` gives it all of them again."""
    people.before_user = _always(RuntimeError("no luck, ann@shop.example"))
    users.sync("all", "shop_people:ranges", arguments={"size": 200})
    users.work()
    status = users.status("all")
    assert (status.state, status.parts, status.report.finished) == (
        "done",
        {"open": 0, "done": 0, "dead": 2},
        False,
    )
    assert status.errors[0] == "RuntimeError: no luck, a****@shop.example"
    people.before_user = lambda _: None
    assert users.retry("all") == 2
    assert users.retry("all") == 0
    users.work()
    status = users.status("all")
    assert (status.state, status.errors, status.report.finished) == ("done", {}, True)
    assert havn.users() == addresses()


@both
def test_a_reason_that_no_database_can_hold_is_one_too(
    users: Any, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    """A part that fails with any words is tried again, and dead in its turn."""
    caplog.set_level(logging.CRITICAL)  # the log has the words as they are, which pytest-xdist can't carry
    people.before_user = _always(RuntimeError("a\0b \ud800"))
    users.sync("all", "shop_people:everybody")
    users.work()
    status = users.status("all")
    assert (status.parts["dead"], status.errors) == (1, {0: "RuntimeError: a\ufffdb \ufffd"})


def _always(error: Exception) -> Callable[[int], None]:
    def trouble(_: int) -> None:
        raise error

    return trouble


@pytest.mark.usefixtures("people")
def test_what_is_refused_for_good_is_dead_at_once(users: Any, havn: Any) -> None:
    """A call that HAVN refuses as a whole is no reason to try for days."""
    havn.company.add_fault("status", status=400)
    users.sync("all", "shop_people:ranges")
    users.work()
    assert users.status("all").parts["dead"] == 3
    assert "HAVNBadRequestError" in users.status("all").errors[0]
    assert len(havn.company.requests(operation="syncUsers", limit=100)) == 3


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("options", "said"),
    [({"account": "nobodys"}, "none that the workers know"), ({"on_result": "shop_people:no"}, "can't be found")],
)
def test_workers_that_know_less_say_so(users: Any, options: dict[str, Any], said: str) -> None:
    """An account or a function that the workers don't have makes the parts dead, with the reason."""
    users.sync("all", "shop_people:everybody", **options)
    users.work()
    assert said in users.status("all").errors[0]
    assert users.status("all").parts["dead"] == 1


def test_parts_that_cannot_be_listed_are_listed_later(
    users: Any, jobs: Jobs, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    """A source that fails is asked again, the status says why, and the log has the trace."""
    people.trouble = RuntimeError("the database is gone")
    users.sync("all", "shop_people:ranges")
    users.work()
    status = users.status("all")
    assert status.state == "listing"
    assert status.error == "RuntimeError: the database is gone"
    assert "can't be listed" in caplog.text
    people.trouble = None
    users.work()
    assert users.status("all").state == "listing", "not before its time"
    lapse(jobs, "job")
    users.work()
    assert (users.status("all").state, users.status("all").error) == ("done", None)


@pytest.mark.usefixtures("havn")
def test_nobody_is_a_sync_too(users: Any, people: People) -> None:
    """A sync without users is done, and its report is empty."""
    people.users = []
    users.sync("all", "shop_people:ranges")
    users.work()
    status = users.status("all")
    assert (status.state, status.report) == ("done", SyncReport(finished=True))


def test_a_result_that_nobody_takes_is_tried_again(users: Any, people: People) -> None:
    """When the function for results fails, the batch comes again, and so do its results."""
    failing = [True]
    keep = people.keep

    def take(result: Any) -> None:
        if failing:
            failing.clear()
            raise OSError("disk full")
        keep(result)

    sys.modules["shop_people"].keep = take  # type: ignore[attr-defined]
    users.sync("all", "shop_people:ranges", on_result="shop_people:keep")
    users.work()
    assert users.status("all").report.finished
    assert sorted(people.results) == addresses()


@pytest.mark.usefixtures("people")
def test_an_end_that_cannot_be_told_is_told_later(
    users: Any, app: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a broker the sync begins, is done, and its end is told when the broker is back."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionError

    told: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(Celery, "send_task", refuse)
        patch.setattr("celery.app.task.Task.apply_async", refuse)
        users.sync("all", "shop_people:ranges", on_end="shop.ended")
        users.work()
    assert "the next sweep finds the sync" in caplog.text
    assert "the end of the sync all is told later" in caplog.text
    assert users.status("all").report.finished
    assert users.status("all").state == "open"
    app.conf.task_always_eager = True
    note_ends(app, told)
    users.work()
    users.work()
    assert told == ["all"]
    assert users.status("all").state == "done"


@both
@pytest.mark.usefixtures("people")
def test_a_forgotten_sync_leaves_nothing(users: Any, engine: Engine) -> None:
    """`forget` deletes job, parts and failures, which hold personal data."""
    users.sync("all", "shop_people:ranges")
    users.work()
    assert users.forget("all")
    assert users.status("all") is None
    assert not users.forget("all")
    with engine.connect() as connection:
        assert [connection.execute(table.select()).all() for table in sync_tables(MetaData())] == [[], [], []]


WRONG_CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"job": ""}, "job"),
    "a function itself": ({"users": addresses}, "users"),
    "no function": ({"users": "shop.users"}, "users"),
    "no function for results": ({"on_result": "shop users:keep"}, "on_result"),
    "no account": ({"account": ""}, "account"),
    "arguments that are no JSON": ({"arguments": {"since": object()}}, "arguments"),
    "arguments that JSON changes": ({"arguments": {"ids": (1, 2)}}, "arguments"),
    "a wrong code": ({"upline_code": "x"}, "upline_code"),
}


@pytest.mark.parametrize(("options", "field"), WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_a_wrong_call_fails_now(users: Any, options: dict[str, Any], field: str) -> None:
    """What is wrong with a sync is told to whoever begins it, by name, and nothing is begun."""
    with pytest.raises(HAVNValidationError) as caught:
        users.sync(**{"job": "all", "users": "shop_people:ranges", **options})
    assert list(caught.value.errors) == [field]
    assert users.status("all") is None


@pytest.mark.parametrize("field", ["concurrency", "lease", "max_seconds", "sweep_every"])
def test_wrong_settings_are_named(app: Any, field: str) -> None:
    """Numbers that make no sense are refused, and so is a second configuration."""
    wrong: Any = {field: 0}
    with pytest.raises(HAVNValidationError) as caught:
        configure_users(app, database="sqlite://", **wrong)
    assert list(caught.value.errors) == [field]
    configure_users(app, database="sqlite://")
    with pytest.raises(HAVNValidationError, match="already"):
        configure_users(app, database="sqlite://")


# ── the tables ───────────────────────────────────────────────────────────────────────────────────────


@both
def test_the_tables_are_those_of_the_migrations(users: Any, engine: Engine) -> None:
    """What `create_tables` makes is what Alembic compares with; made twice, it is the same."""
    users.create_tables()
    sync_tables(metadata := MetaData())
    names = set(metadata.tables)

    def ours(item: Any, name: str | None, kind: str, *_: Any) -> bool:
        return name in names if kind == "table" else item.table.name in names

    with engine.connect() as connection:
        context: Any = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert sync_tables(metadata) == sync_tables(metadata)


def begun(jobs: Jobs, *parts: Any) -> None:
    """A job with these parts."""
    jobs.add("all", {"on_end": None})
    job = jobs.to_list(LEASE)
    assert job is not None
    jobs.listed("all", parts)


def saved(total: int, *failures: int, finished: bool = False) -> SavedSync:
    """A save of so many users, with failures that are new."""
    errors = tuple(SyncError(index=index, error="\x00 «no»", raw={"index": index}) for index in failures)
    return SavedSync(terms="t", users="u", report=SyncReport(total=total, failures=errors, finished=finished))


@both
def test_a_part_is_one_workers(jobs: Jobs) -> None:
    """A part that is leased is nobody else's; when its lease has lapsed, whoever had it is fenced out."""
    begun(jobs, [0, 10])
    first = jobs.claim(0.0)
    assert first is not None
    second = jobs.claim(LEASE)
    assert second is not None
    assert (second.part, second.epoch, second.claims) == ([0, 10], first.epoch + 1, 2)
    assert jobs.claim(LEASE) is None
    late: list[Callable[[], None]] = [
        lambda: jobs.save(first, saved(5, 1), LEASE),
        lambda: jobs.finish(first),
        lambda: jobs.release(first),
        lambda: jobs.restart(first),
        lambda: jobs.fail(first, "late", None),
    ]
    for attempt in late:
        with pytest.raises(LeaseLostError):
            attempt()
    status = jobs.status("all")
    assert status is not None
    assert (status.report, status.parts["open"]) == (SyncReport(), 1)
    jobs.finish(second)
    with pytest.raises(LeaseLostError):
        jobs.finish(second)


@both
def test_what_was_saved_comes_back(jobs: Jobs) -> None:
    """The next lease has the last save, and the failures of all saves in their order."""
    begun(jobs, None)
    part = jobs.claim(LEASE)
    assert part is not None
    jobs.save(part, saved(50, 3, 4), LEASE)
    jobs.save(part, saved(100, 60), LEASE)
    jobs.release(part)
    again = jobs.claim(LEASE)
    assert again is not None
    assert again.saved == saved(100, 3, 4, 60)
    assert again.claims == 1, "something came of the one before"
    jobs.restart(again)
    jobs.release(again)
    anew = jobs.claim(LEASE)
    assert anew is not None
    assert anew.saved is None
    status = jobs.status("all")
    assert status is not None
    assert status.report == SyncReport()


@both
def test_a_failure_has_its_place_when_all_before_it_is_done(jobs: Jobs) -> None:
    """A failure's position among all users is told when it is known, and not guessed before."""
    begun(jobs, "a", "b", "c")
    parts = [jobs.claim(LEASE) for _ in range(3)]
    for part, total in zip(parts, (10, 20, 30), strict=True):
        assert part is not None
        jobs.save(part, saved(total, 5, finished=True), LEASE)

    def places() -> list[int | None]:
        status = jobs.status("all")
        assert status is not None
        assert status.report.total == 60
        return [failure.index for failure in status.report.failures]

    assert places() == [5, None, None]
    for part, expected in zip(parts, ([5, 15, None], [5, 15, 35], [5, 15, 35]), strict=True):
        assert part is not None
        jobs.finish(part)
        assert places() == expected


@both
def test_parts_that_are_retried_while_the_end_is_told_have_an_end_too(jobs: Jobs) -> None:
    """Who retries as soon as they are told of an end, before that is written down, is told of the next one."""
    begun(jobs, None)
    part = jobs.claim(LEASE)
    assert part is not None
    jobs.fail(part, "no luck", None)
    (ended,) = jobs.ended()
    assert jobs.retry(ended.name) == 1
    jobs.told(ended.name)
    again = jobs.claim(LEASE)
    assert again is not None
    jobs.finish(again)
    assert jobs.ended() == [ended]
    jobs.told(ended.name)
    assert jobs.ended() == []


@both
def test_parts_are_listed_once(jobs: Jobs) -> None:
    """Two workers that list the same job list it once; a lister that died is replaced."""
    jobs.add("all", {})
    assert jobs.to_list(0.0) is not None
    assert jobs.to_list(LEASE) is not None
    assert jobs.to_list(LEASE) is None
    jobs.listed("all", [1, 2])
    jobs.listed("all", [1, 2, 3])
    assert [part.part for part in iter(lambda: jobs.claim(LEASE), None)] == [1, 2]


@pytest.mark.usefixtures("people", "havn")
def test_a_part_that_kills_its_workers_is_dead(users: Any, jobs: Jobs) -> None:
    """A part of whose leases nothing comes, time after time, is dead instead of killing for ever."""
    begun(jobs, None)
    for _ in range(5):
        assert jobs.claim(0.0) is not None
    users.work()
    status = users.status("all")
    assert status.parts == {"open": 0, "done": 0, "dead": 1}
    assert "died 5 times" in status.errors[0]


@both
def test_a_task_that_is_overtaken_stops(
    users: Any, jobs: Jobs, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker that was away for longer than its lease sends no more, and says so."""
    users.sync("all", "shop_people:everybody")
    overtaken = Counter[int]()

    def overtake(number: int) -> None:
        if number == 60 and not overtaken:
            overtaken[number] += 1
            lapse(jobs, "part")
            assert jobs.claim(LEASE) is not None

    people.before_user = overtake
    with caplog.at_level(logging.WARNING, "havn.celery"):
        users.work()
    assert "part 0 of all has gone to another worker" in caplog.text
    status = users.status("all")
    assert (status.state, status.report.total) == ("open", 50)


def lapse(jobs: Jobs, what: str) -> None:
    """Ends all leases and waits."""
    with jobs._database.transaction() as execute:
        execute(f"UPDATE havn_sync_{what} SET available_at = 0", {})  # noqa: S608  a name of ours


@given(first=st.integers(-(10**6), 10**6), count=st.integers(1, 5000), size=st.integers(1, 2000))
def test_ranges_cover_every_key_once(first: int, count: int, size: int) -> None:
    """Ranges follow one another without gap or overlap, from the smallest key to the largest."""
    parts = list(KeyRanges(lambda: (first, first + count - 1), lambda _a, _b: [], size).parts())
    assert parts[0][0] == first
    assert parts[-1][1] == first + count
    assert all(before[1] == after[0] for before, after in pairwise(parts))
    assert all(0 < end - start <= size for start, end in parts)


def test_a_range_has_a_size() -> None:
    """Ranges without a key in them are refused."""
    with pytest.raises(HAVNValidationError):
        KeyRanges(lambda: None, lambda _a, _b: [], 0)
