"""Calls of several requests, with a fault in the middle: nothing is lost, everybody is accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from faults_support import TROUBLES

from havn_ext import HAVNError, HAVNNetworkError, SyncReport, UserSyncResult

if TYPE_CHECKING:
    from faults_support import Scene, Trouble

PEOPLE = [{"email": f"user{n}@shop.example", "name": f"User {n}"} for n in range(7)]
BATCH = 3  # so there are three calls

mended = pytest.mark.parametrize("trouble", [each for each in TROUBLES if each.is_retried], ids=str)
fatal = pytest.mark.parametrize(
    "trouble", [each for each in TROUBLES if each.error and each.fault.get("status") not in {409, 422}], ids=str
)


def synced(scene: Scene, **options: Any) -> tuple[list[UserSyncResult], SyncReport, HAVNError | None]:
    """What the stream gave before it ended, its report afterwards, and the error that ended it."""
    return scene.drain(lambda client: client.users.sync_many(PEOPLE, batch_size=BATCH), **options)


@mended
def test_a_fault_in_the_middle_batch_that_passes(scene: Scene, trouble: Trouble) -> None:
    """All users are synced, each is reported once and in order, and nobody is kept twice."""
    scene.company.add_fault(**trouble.fault, operation="syncUsers", nth=2)
    results, report, error = synced(scene)
    assert error is None
    assert [result.user and result.user.email for result in results] == [person["email"] for person in PEOPLE]
    assert (report.total, report.succeeded, report.failures, report.batches) == (7, 7, (), 3)
    assert (report.finished, report.unaccounted) == (True, 0)
    assert len(scene.received()) == 4
    assert scene.kept("users") == 7


@fatal
def test_a_fault_in_the_middle_batch_that_stays(scene: Scene, trouble: Trouble) -> None:
    """The stream ends with the error; the report tells whose fate is unknown, and syncing again mends it all."""
    scene.company.add_fault(**trouble.fault, operation="syncUsers", nth=2)
    results, report, error = synced(scene, max_retries=0)
    assert type(error) is trouble.error
    assert [result.user and result.user.email for result in results] == [each["email"] for each in PEOPLE[:BATCH]]
    assert (report.total, report.succeeded, report.failures, report.batches) == (6, 3, (), 1)
    assert (report.finished, report.unaccounted) == (False, BATCH)
    assert scene.kept("users") == (6 if trouble.is_processed else 3)
    _, again, error = synced(scene)
    assert error is None
    assert (again.succeeded, again.finished, again.unaccounted) == (7, True, 0)
    assert scene.kept("users") == 7


def test_one_wrong_user_and_a_lost_answer_do_not_mix(scene: Scene) -> None:
    """A user whom HAVN refuses is reported with its place, also when the batch's answer had to be fetched twice."""
    people = [{**person, "referral_code": "HAVN-NO-999"} if n == 4 else person for n, person in enumerate(PEOPLE)]
    scene.company.add_fault("reset_after", operation="syncUsers", nth=2)
    _, report, error = scene.drain(lambda client: client.users.sync_many(people, batch_size=BATCH))
    assert error is None
    assert [failure.index for failure in report.failures] == [4]
    assert (report.total, report.succeeded, report.unaccounted) == (7, 6, 0)
    assert scene.kept("users") == 6


def listed(scene: Scene, **options: Any) -> tuple[list[str | None], HAVNError | None]:
    """The codes that the iteration gave, and the error that ended it."""
    given, _, error = scene.drain(lambda client: client.vouchers.iter_all(per_page=3, sort_by="code"), **options)
    return [voucher.code for voucher in given], error


@mended
def test_a_fault_on_page_two_that_passes(scene: Scene, trouble: Trouble) -> None:
    """Every voucher comes once, in order, and page two alone is fetched twice."""
    undisturbed, _ = listed(scene)
    before = len(scene.received())
    scene.company.add_fault(**trouble.fault, operation="listVouchers", nth=2)
    codes, error = listed(scene)
    assert error is None
    assert codes == undisturbed
    assert len(codes) == 8
    pages = [parse_qs(entry["query"])["page"] for entry in scene.received()[before:]]
    assert pages == [["1"], ["2"], ["2"], ["3"]]


@pytest.mark.parametrize("options", [{"max_retries": 0}, {}], ids=["no retries", "retries"])
def test_a_fault_on_page_two_that_stays(scene: Scene, options: dict[str, Any]) -> None:
    """Page one was given before the error, and page three is not asked for."""
    undisturbed, _ = listed(scene)
    before = len(scene.received())
    scene.company.add_fault("reset_after", operation="listVouchers", nth=2, times=99)
    codes, error = listed(scene, **options)
    assert type(error) is HAVNNetworkError
    assert codes == undisturbed[:3]
    tries = 1 + options.get("max_retries", 3)
    assert len(scene.received()) - before == 1 + tries
