"""`users.sync_many(checkpoint=...)`: goes on where it stopped, and refuses what belongs to another sync."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes import FakeHAVN, Reply, make_client, outcome, take

from havn_ext import HAVNError, HAVNServerError, HAVNValidationError, SyncError, SyncReport
from havn_ext._checkpoint import SavedSync
from havn_ext._checkpoint_file import CheckpointFile

if TYPE_CHECKING:
    import httpx
    from fakes import Kind

DOWN = Reply(500, {"message": "Down"})


def users(count: int) -> list[dict[str, Any]]:
    """As many users; the fourth is wrong, and HAVN refuses the seventh."""
    names = {3: "", 6: "refuse me"}
    return [{"email": f"user{n}@example.com", "name": names.get(n, f"User {n}")} for n in range(count)]


def sync_all(request: httpx.Request) -> Reply:
    """Syncs every user but those whose name says otherwise; the code is the first user's."""
    sent = json.loads(request.content)["users"]
    errors = [
        {"index": at, "email": each["email"], "error": "refused", "detail": 7}
        for at, each in enumerate(sent)
        if each["name"] == "refuse me"
    ]
    results = [{"user": {"email": each["email"]}} for each in sent if each["name"] != "refuse me"]
    code = f"HAVN-{sent[0]['email'].partition('@')[0].upper()}"
    return Reply(body={"results": results, "errors": errors, "referral_code": code})


def sent_by(havn: FakeHAVN) -> list[list[str]]:
    """The names before the @ of each batch."""
    return [
        [each["email"].partition("@")[0].removeprefix("user") for each in json.loads(request.content)["users"]]
        for request in havn.requests
    ]


def sync(kind: Kind, havn: FakeHAVN, given: Any, checkpoint: Any, **options: Any) -> Any:
    """The stream of a client that does not retry, in batches of three."""
    client = make_client(kind, havn, max_retries=0, **options.pop("client", {}))
    return client.users.sync_many(given, batch_size=3, checkpoint=checkpoint, **options)


def stopped(kind: Kind, checkpoint: Any, given: Any, **options: Any) -> None:
    """A sync that gets through two batches, and fails at the third."""
    stream = sync(kind, FakeHAVN(sync_all, sync_all, DOWN), given, checkpoint, **options)
    with pytest.raises(HAVNServerError):
        outcome(stream)


def finished(kind: Kind, havn: FakeHAVN, given: Any, checkpoint: Any, **options: Any) -> SyncReport:
    """The report of a sync that goes to its end."""
    stream = sync(kind, havn, given, checkpoint, **options)
    outcome(stream)
    report: SyncReport = stream.report
    return report


class Shelf:
    """A checkpoint of a user's own, in memory."""

    def __init__(self) -> None:
        self.saves: list[SavedSync] = []

    def load(self) -> SavedSync | None:
        """The last save, with the failures of all."""
        import attrs

        if not self.saves:
            return None
        failures = tuple(failure for each in self.saves for failure in each.report.failures)
        last = self.saves[-1]
        return attrs.evolve(last, report=attrs.evolve(last.report, failures=failures))

    def save(self, saved: SavedSync) -> None:
        """Keeps it."""
        self.saves.append(saved)


class SlowShelf:
    """The same, awaited."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    async def load(self) -> SavedSync | None:
        """As `Shelf`."""
        await asyncio.sleep(0)
        return self._shelf.load()

    async def save(self, saved: SavedSync) -> None:
        """As `Shelf`."""
        await asyncio.sleep(0)
        self._shelf.save(saved)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a checkpoint may be made."""
    return tmp_path / "sync.checkpoint"


# ── going on ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", ["file", "its name", "object"])
def test_a_sync_goes_on_where_it_stopped(kind: Kind, place: str, path: Path) -> None:
    """Only what was not saved is sent, and the report is that of a sync that was never stopped."""
    checkpoint: Any = {"file": path, "its name": str(path), "object": Shelf()}[place]
    stopped(kind, checkpoint, users(11))
    havn = FakeHAVN(sync_all)
    report = finished(kind, havn, users(11), checkpoint)
    assert sent_by(havn) == [["6", "7", "8"], ["9", "10"]]
    assert report == finished(kind, FakeHAVN(sync_all), users(11), None)
    assert [(failure.index, failure.error) for failure in report.failures][1:] == [(6, "refused")]
    assert report.failures[1].raw["detail"] == 7


def test_a_checkpoint_may_be_awaited() -> None:
    """Under asyncio the methods of a checkpoint may be coroutines; the sync client says that it can't."""
    checkpoint = SlowShelf()
    stopped("async", checkpoint, users(11))
    havn = FakeHAVN(sync_all)
    assert finished("async", havn, users(11), checkpoint).total == 11
    assert sent_by(havn) == [["6", "7", "8"], ["9", "10"]]
    with pytest.raises(HAVNValidationError, match="checkpoint: must be awaited"):
        finished("sync", havn, users(11), checkpoint)


def test_the_carried_code_is_kept(kind: Kind, path: Path) -> None:
    """After a stop the later batches are linked to the code of the first success, as before it."""
    stopped(kind, path, users(11), carry_referral_code=True)
    havn = FakeHAVN(sync_all)
    report = finished(kind, havn, users(11), path, carry_referral_code=True)
    assert {json.loads(request.content)["referral_code"] for request in havn.requests} == {"HAVN-USER0"}
    assert report.referral_code == "HAVN-USER0"


def test_a_finished_sync_sends_nothing_again(kind: Kind, path: Path) -> None:
    """The same call after the end sends nothing and gives the same report; users that were added go out."""
    report = finished(kind, FakeHAVN(sync_all), users(6), path)
    havn = FakeHAVN(sync_all)
    assert finished(kind, havn, users(6), path) == report
    assert havn.requests == []
    assert finished(kind, havn, users(8), path).total == 8
    assert sent_by(havn) == [["6", "7"]]


def test_another_batch_size_may_be_chosen(kind: Kind, path: Path) -> None:
    """A checkpoint counts users and not batches."""
    stopped(kind, path, users(11))
    havn = FakeHAVN(sync_all)
    outcome(make_client(kind, havn).users.sync_many(users(11), batch_size=50, checkpoint=path))
    assert sent_by(havn) == [["6", "7", "8", "9", "10"]]


def test_many_users_are_skipped(kind: Kind, path: Path) -> None:
    """However far a sync has come, the users before it are taken and not sent, as lazily as any."""
    stopped_at = 2500
    given = [{"email": f"user{n}@example.com", "name": "x"} for n in range(stopped_at + 1)]
    many = make_client(kind, FakeHAVN(sync_all)).users.sync_many(given[:-1], checkpoint=path)
    outcome(many)
    havn = FakeHAVN(sync_all)
    assert finished(kind, havn, iter(given), path).total == stopped_at + 1
    assert sent_by(havn) == [[str(stopped_at)]]


def test_a_batch_is_saved_before_the_next_is_sent(kind: Kind) -> None:
    """Each save comes after the batch's last result was taken, and before another request."""
    havn = FakeHAVN(sync_all)
    requests: list[int] = []

    class Counting(Shelf):
        def save(self, saved: SavedSync) -> None:
            requests.append(len(havn.requests))
            super().save(saved)

    checkpoint = Counting()
    stream = sync(kind, havn, users(6), checkpoint)
    with asyncio.Runner() as runner:
        take(stream, 3, runner)
        assert requests == []
        take(stream, 1, runner)
        assert requests == [1]
        assert [saved.report.total for saved in checkpoint.saves] == [3]


def test_only_new_failures_are_saved(kind: Kind) -> None:
    """Each failure is saved once, however many batches follow."""
    checkpoint = Shelf()
    finished(kind, FakeHAVN(sync_all), users(11), checkpoint)
    saved = [[failure.index for failure in each.report.failures] for each in checkpoint.saves]
    assert saved == [[], [3], [6], [], []]


@pytest.mark.parametrize("body", [{"results": []}, {"success": False, "results": []}, {"message": "fine"}])
def test_a_user_of_whom_havn_says_nothing_is_saved_as_a_failure(kind: Kind, body: Any, path: Path) -> None:
    """The checkpoint goes on behind a batch only with each of its users as a success or a failure of the report."""
    for _ in range(2):
        report = finished(kind, FakeHAVN(sync_all, Reply(body=body), sync_all), users(11), path)
        assert [failure.index for failure in report.failures] == [3, 4, 5, 6]
        assert (report.total, report.succeeded, report.unaccounted) == (11, 7, 0)
        assert all("does not say" in failure.error for failure in report.failures[1:3])


def test_a_batch_without_a_good_user_is_saved(kind: Kind, path: Path) -> None:
    """Users that are wrong are behind the checkpoint too, though nothing was sent."""
    given = ["nobody", object(), {1: 2, "a": 3}, {"email": "ada@example.com", "name": "Ada"}]
    stream = sync(kind, FakeHAVN(DOWN), given, path)
    with pytest.raises(HAVNServerError):
        outcome(stream)
    havn = FakeHAVN(sync_all)
    report = finished(kind, havn, given, path)
    assert [failure.index for failure in report.failures] == [0, 1, 2]
    assert len(havn.requests) == 1


def test_a_user_of_odd_characters_is_saved(kind: Kind, path: Path) -> None:
    """A lone surrogate, which JSON can hold and SQLite can't, does not stop a sync, before or after a resume."""
    given = [{"email": "\ud800", "name": "x"}, *users(2)]
    for _ in range(2):
        report = finished(kind, FakeHAVN(sync_all), given, path)
        assert [(failure.index, failure.email) for failure in report.failures] == [(0, "\ud800")]


def test_a_save_that_fails_ends_the_sync(kind: Kind) -> None:
    """When a checkpoint can't be saved nothing more is sent, and its error reaches the caller as it is."""
    havn = FakeHAVN(sync_all)

    class Full(Shelf):
        def save(self, saved: SavedSync) -> None:
            raise OSError(28, f"disk full at {saved.report.total}")

    with pytest.raises(OSError, match="disk full at 3"):
        finished(kind, havn, users(11), Full())
    assert len(havn.requests) == 1


# ── what belongs to another sync ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "options",
    [
        {"upline_code": "HAVN-MJ-001"},
        {"referral_code": "HAVN-MJ-001"},
        {"is_owner": True},
        {"create_associate": False},
        {"carry_referral_code": True},
        {"client": {"test_mode": True}},
        {"client": {"base_url": "https://other.example"}},
        {"client": {"api_key": "havn_live_key"}},
    ],
    ids=str,
)
def test_other_arguments_are_refused(kind: Kind, options: dict[str, Any], path: Path) -> None:
    """A checkpoint goes on only under the arguments that it was made with; nothing is sent otherwise."""
    stopped(kind, path, users(11))
    havn = FakeHAVN(sync_all)
    with pytest.raises(HAVNValidationError, match="checkpoint: was made with other arguments"):
        finished(kind, havn, users(11), path, **options)
    assert havn.requests == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (users(11)[1:], "other users"),
        (list(reversed(users(11))), "other users"),
        ([*users(5), {"email": "other@example.com", "name": "Other"}, *users(11)[6:]], "other users"),
        (users(5), "stands at 6 users, and only 5 were passed"),
        ([], "stands at 6 users, and only 0 were passed"),
    ],
    ids=["one is gone", "another order", "one is another", "too few", "none"],
)
def test_other_users_are_refused(kind: Kind, given: list[Any], reason: str, path: Path) -> None:
    """A checkpoint goes on only behind the users that it was made with; nothing is sent otherwise."""
    stopped(kind, path, users(11))
    havn = FakeHAVN(sync_all)
    with pytest.raises(HAVNValidationError, match=reason):
        finished(kind, havn, given, path)
    assert havn.requests == []


def make_text(path: Path) -> None:
    """A text."""
    path.write_text("email,name\n" * 50, encoding="utf-8")


def make_database(path: Path) -> None:
    """Another program's database."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE sync (id)")
    connection.close()


def make_later_version(path: Path) -> None:
    """A checkpoint of a later version of the SDK."""
    outcome(make_client("sync", FakeHAVN(sync_all)).users.sync_many(users(1), checkpoint=path))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()


def test_what_the_database_can_not_do_is_an_error_of_ours(path: Path) -> None:
    """A full disk and a damaged file are told in the SDK's terms, and what was saved before is there still."""
    file = CheckpointFile(path)
    saved = SavedSync(terms="t", users="u", report=SyncReport(total=1, succeeded=1))
    file.save(saved)
    file._connection.execute("PRAGMA max_page_count = 1")
    much = SyncReport(total=2, failures=(SyncError(index=0, error="x" * 100_000),))
    with pytest.raises(HAVNError, match="checkpoint can't be written: database or disk is full") as caught:
        file.save(SavedSync(terms="t", users="u", report=much))
    assert not isinstance(caught.value, HAVNValidationError)  # something was sent
    assert file.load() == saved
    file._connection.execute("DROP TABLE failure")
    with pytest.raises(HAVNValidationError, match="checkpoint: can't be read"):
        file.load()
    file.close()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_text, "is no checkpoint"),
        (make_database, "is the file of another program"),
        (make_later_version, "another version"),
        (Path.mkdir, "can't be opened"),
        (lambda path: path.symlink_to(path.parent / "none" / "there"), "can't be opened"),
    ],
)
def test_another_file_is_refused(kind: Kind, make: Any, reason: str, path: Path) -> None:
    """A file that is no checkpoint is refused, and left as it is."""
    make(path)
    before = path.read_bytes() if path.is_file() else None
    havn = FakeHAVN(sync_all)
    with pytest.raises(HAVNValidationError, match=f"checkpoint: .*{reason}"):
        finished(kind, havn, users(11), path)
    assert havn.requests == []
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("wrong", [7, object(), b"path", {"load": 1}])
def test_what_is_no_checkpoint_is_refused_at_once(kind: Kind, wrong: Any) -> None:
    """Something that is neither a path nor has the methods is an error before anything is taken."""
    with pytest.raises(HAVNValidationError) as caught:
        sync(kind, FakeHAVN(sync_all), users(1), wrong)
    assert list(caught.value.errors) == ["checkpoint"]


def test_one_sync_at_a_time_has_the_file(kind: Kind, path: Path) -> None:
    """A second sync with the same file is refused while the first one runs, and may go on after it."""
    havn = FakeHAVN(sync_all)
    with asyncio.Runner() as runner:
        first = sync(kind, havn, users(11), path)
        take(first, 1, runner)
        with pytest.raises(HAVNValidationError, match="is in use by another sync"):
            take(sync(kind, havn, users(11), path), 1, runner)
        closed = first.close()
        if asyncio.iscoroutine(closed):
            runner.run(closed)
        assert len(havn.requests) == 1
        take(sync(kind, havn, users(11), path), 1, runner)


# ── what is in the file ──────────────────────────────────────────────────────────────────────────


def test_the_file_is_its_owners_alone(kind: Kind, path: Path) -> None:
    """The addresses of users that failed are in the file, so nobody else may read it; no credential is."""
    finished(kind, FakeHAVN(sync_all), users(11), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    assert b"user6@example.com" in content
    assert b"user5@example.com" not in content
    assert b"havn_test_key" not in content
    assert b"havn_test_secret" not in content


def test_sqlite_is_loaded_for_a_file_alone() -> None:
    """Who keeps no checkpoint in a file loads no SQLite."""
    program = "import havn_ext.resources.users, sys; print('sqlite3' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    run = subprocess.run(  # noqa: S603  ours
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
