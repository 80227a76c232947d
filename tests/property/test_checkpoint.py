"""However often and wherever a `sync_many` with a checkpoint is killed, every user arrives."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import attrs
import pytest
from fakes import FakeHAVN, Reply, make_client, outcome
from hypothesis import given, settings
from hypothesis import strategies as st

from havn_ext._checkpoint import SavedSync
from havn_ext._checkpoint_file import CheckpointFile
from havn_ext.models import SyncError, SyncReport

if TYPE_CHECKING:
    import httpx
    from fakes import Kind


Where = Literal["before HAVN", "after HAVN", "before the save", "after the save"]

fates = st.sampled_from(["synced", "synced", "refused", "wrong"])
plans = st.lists(fates, max_size=40)
kills = st.lists(
    st.tuples(
        st.sampled_from(["before HAVN", "after HAVN", "before the save", "after the save"]), st.integers(1, 6)
    ),
    max_size=8,
)


class KilledError(Exception):
    """The process ends here."""


class Run:
    """One process: it dies the n-th time that it comes to its end."""

    def __init__(self, world: World, end: tuple[Where, int] | None) -> None:
        self._world = world
        self._end = end
        self._passed: Counter[str] = Counter()

    def point(self, name: Where) -> None:
        """Dies here, if this is the end."""
        self._passed[name] += 1
        if (name, self._passed[name]) == self._end:
            raise KilledError

    def havn(self, request: httpx.Request) -> Reply:
        """HAVN's answer; who dies after it has not read it."""
        self.point("before HAVN")
        sent = json.loads(request.content)["users"]
        self._world.arrived.append([each["email"] for each in sent])
        self.point("after HAVN")
        errors = [{"index": at, "error": "no"} for at, each in enumerate(sent) if each["name"] == "refused"]
        results = [{"user": {"email": each["email"]}} for each in sent if each["name"] != "refused"]
        return Reply(body={"results": results, "errors": errors, "referral_code": "HAVN-1"})

    def report(self, kind: Kind, concurrency: int = 1) -> SyncReport:
        """Syncs them all, or dies."""
        client = make_client(kind, FakeHAVN(self.havn))
        checkpoint = Mortal(self, self._world.saves)
        stream = client.users.sync_many(
            self._world.users, batch_size=self._world.size, concurrency=concurrency, checkpoint=checkpoint
        )
        outcome(stream)
        report: SyncReport = stream.report
        return report


class Mortal:
    """A checkpoint that outlives its process, which may die before and after it has saved."""

    def __init__(self, run: Run, saves: list[SavedSync]) -> None:
        self._run = run
        self._saves = saves

    def load(self) -> SavedSync | None:
        """What was saved."""
        return merged(self._saves)

    def save(self, saved: SavedSync) -> None:
        """Saves it."""
        self._run.point("before the save")
        self._saves.append(saved)
        self._run.point("after the save")


def merged(saves: list[SavedSync]) -> SavedSync | None:
    """The last save, with the failures of all: what a checkpoint loads."""
    if not saves:
        return None
    failures = tuple(failure for each in saves for failure in each.report.failures)
    return attrs.evolve(saves[-1], report=attrs.evolve(saves[-1].report, failures=failures))


class World:
    """What outlives a process: the users, and what arrived at HAVN."""

    def __init__(self, plan: list[str], size: int) -> None:
        self.users: list[dict[str, Any]] = [
            {"email": f"user{at}@example.com", "name": "" if fate == "wrong" else fate}
            for at, fate in enumerate(plan)
        ]
        self.good = [user["email"] for user, fate in zip(self.users, plan, strict=True) if fate != "wrong"]
        self.size = size
        self.arrived: list[list[str]] = []
        self.saves: list[SavedSync] = []


@pytest.mark.parametrize("kind", ["sync", "async"])
@given(plan=plans, size=st.integers(1, 7), ends=kills)
def test_every_user_arrives_wherever_a_sync_is_killed(
    kind: Kind, plan: list[str], size: int, ends: list[tuple[Where, int]]
) -> None:
    """Every user is sent, a death sends at most the batch in flight again, and the report is as without deaths."""
    world = World(plan, size)
    sent_again = 0
    for end in ends:
        try:
            Run(world, end).report(kind)
        except KilledError:
            sent_again += end[0] in {"after HAVN", "before the save"}
    report = Run(world, None).report(kind)
    calm = World(plan, size)
    assert report == Run(calm, None).report(kind)
    assert {email for batch in world.arrived for email in batch} == set(world.good)
    assert [batch for at, batch in enumerate(world.arrived) if batch not in world.arrived[:at]] == calm.arrived
    assert len(world.arrived) - len(calm.arrived) <= sent_again


@pytest.mark.parametrize("kind", ["sync", "async"])
@given(plan=plans, size=st.integers(1, 7), ends=kills, concurrency=st.integers(2, 4))
def test_every_user_arrives_with_several_batches_in_flight(
    kind: Kind, plan: list[str], size: int, ends: list[tuple[Where, int]], concurrency: int
) -> None:
    """Every user is sent, a death sends at most the batches in flight again, and nobody is counted twice."""
    world = World(plan, size)
    deaths = 0
    for end in ends:
        try:
            Run(world, end).report(kind, concurrency)
        except KilledError:
            deaths += 1
    report = Run(world, None).report(kind, concurrency)
    calm = World(plan, size)
    expected = Run(calm, None).report(kind)
    assert attrs.evolve(report, failures=()) == attrs.evolve(expected, failures=())
    assert sorted(map(repr, report.failures)) == sorted(map(repr, expected.failures))
    assert {email for batch in world.arrived for email in batch} == set(world.good)
    assert len(world.arrived) - len(calm.arrived) <= deaths * concurrency


texts = st.text(st.characters(exclude_categories=()))
"""Lone surrogates too: JSON can hold them, and so can what users and HAVN send."""
failures = st.builds(
    SyncError,
    index=st.none() | st.integers(0, 2**40),
    email=st.none() | texts,
    error=texts,
    raw=st.dictionaries(texts, st.none() | st.integers() | texts | st.lists(st.booleans())),
)
counts = st.integers(0, 2**40)
reports = st.builds(
    SyncReport,
    total=counts,
    succeeded=counts,
    failures=st.lists(failures, max_size=4).map(tuple),
    batches=counts,
    referral_code=st.none() | texts,
    finished=st.booleans(),
)


@settings(max_examples=25)  # each of them waits for the disk
@given(saves=st.lists(st.builds(SavedSync, terms=st.just("t"), users=st.just("u"), report=reports), max_size=4))
def test_a_file_gives_back_what_was_saved(saves: list[SavedSync]) -> None:
    """A file that is opened again holds the last save, and the failures of all saves in their order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "checkpoint")
        for each in saves:
            with closing(CheckpointFile(path)) as file:
                file.save(each)
        with closing(CheckpointFile(path)) as file:
            assert file.load() == merged(saves)
