"""`client.users`: make users known to HAVN, one, fifty or a million at a time."""

from __future__ import annotations

import hmac
import json
from collections import deque
from collections.abc import AsyncIterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import attrs

from havn_api.models import UserSyncBulkRequest, UserSyncRequest
from havn_ext._answers import request_id
from havn_ext._checkpoint import journal
from havn_ext._checks import Problems
from havn_ext._exchange import exchange_json
from havn_ext._guards import is_collection_of_users, is_mapping
from havn_ext._operations import sync_users
from havn_ext._reading import bulk_sync_result, user_sync_result
from havn_ext._steps import Emit, Finish, Start, Take
from havn_ext._sync_progress import SyncProgress
from havn_ext._user import checked_shared, checked_user
from havn_ext._window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from os import PathLike

    from havn_ext._checkpoint import Journal, SyncCheckpoint
    from havn_ext._exchange import Observer
    from havn_ext._session import Session
    from havn_ext._steps import Answer, Flow
    from havn_ext._sync_progress import Batch
    from havn_ext._user import UserInput
    from havn_ext.models import BulkSyncResult, UserSyncResult

    AnyUser = UserInput | Mapping[str, Any]

__all__ = ["Users", "prepare"]

One = TypeVar("One", covariant=True)
Bulk = TypeVar("Bulk", covariant=True)
Many = TypeVar("Many", covariant=True)


class Users(Generic[One, Bulk, Many]):
    """Users. The parameters are `UserSyncResult`, `BulkSyncResult` and `UserSyncStream`, or their async kin."""

    def __init__(
        self,
        session: Session,
        run_one: Callable[[Flow[UserSyncResult]], One],
        run_bulk: Callable[[Flow[BulkSyncResult]], Bulk],
        stream: Callable[[Flow[None], SyncProgress], Many],
    ) -> None:
        self._session = session
        self._run_one = run_one
        self._run_bulk = run_bulk
        self._stream = stream

    def sync(
        self,
        email: str,
        name: str,
        *,
        google_id: str | None = None,
        picture: str | None = None,
        avatar: str | None = None,
        upline_code: str | None = None,
        referral_code: str | None = None,
        country_code: str | None = None,
        create_associate: bool = True,
        is_owner: bool = False,
        project_id: str | None = None,
        timeout: float | None = None,
    ) -> One:
        """Creates or updates one user, found by email. Safe to repeat.

        Store `referral_code` of the result: it is the `upline_code` of those who come below.

        Args:
            email: The user's e-mail address.
            name: 1 to 200 characters.
            google_id: The user's id at Google.
            picture: Address of a picture.
            avatar: Address of an avatar.
            upline_code: Referral code of the associate above, 3 to 50 characters.
            referral_code: Referral code of an existing associate to link the user to, instead of a new one.
            country_code: Two letters, ISO 3166-1 alpha-2.
            create_associate: Whether a user without an associate gets one.
            is_owner: Role of the associate: owner, or else partner.
            project_id: The project's id in your application.
            timeout: Seconds for each phase of each try; the client's when None.

        Raises:
            HAVNValidationError: Names every field that is wrong; nothing was sent.
            HAVNNotFoundError: HAVN does not know `upline_code` or `referral_code`.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        given = {
            "email": email,
            "name": name,
            "google_id": google_id,
            "picture": picture,
            "avatar": avatar,
            "upline_code": upline_code,
            "referral_code": referral_code,
            "country_code": country_code,
            "create_associate": create_associate,
            "is_owner": is_owner,
            "project_id": project_id,
        }
        return self._run_one(_sync(self._session, given, timeout))

    def sync_prepared(self, payload: bytes, *, observe: Observer | None = None) -> One:
        """Creates or updates a user that was checked and stored before, as the outbox does; byte for byte.

        Args:
            payload: The canonical JSON of what `prepare` made of it.
            observe: Is told the status and the headers of every answer.

        Raises:
            HAVNError: As `sync`, but for what `prepare` has checked.
        """
        request = UserSyncRequest.from_dict(json.loads(payload))
        return self._run_one(_deliver(self._session, request, content=payload, observe=observe))

    def sync_bulk(
        self,
        users: Iterable[AnyUser],
        *,
        upline_code: str | None = None,
        referral_code: str | None = None,
        create_associate: bool = True,
        is_owner: bool = False,
        timeout: float | None = None,
    ) -> Bulk:
        """Creates or updates up to fifty users in one call. Partial success is normal: read `errors`.

        Args:
            users: 1 to 50 mappings with the fields of `sync` (see `UserInput`); `USER_SYNC_BULK_MAX_SIZE`
                lowers the limit. A user's own value beats the shared ones below.
            upline_code: As in `sync`, for all of them.
            referral_code: As in `sync`, for all of them.
            create_associate: As in `sync`, for all of them.
            is_owner: As in `sync`, for all of them.
            timeout: Seconds for each phase of each try; the client's when None.

        Raises:
            HAVNValidationError: Names every user and field that is wrong; nothing was sent.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        shared = _shared(upline_code, referral_code, create_associate, is_owner)
        return self._run_bulk(_sync_bulk(self._session, users, shared, timeout))

    def sync_many(
        self,
        users: Iterable[AnyUser] | AsyncIterable[AnyUser],
        *,
        upline_code: str | None = None,
        referral_code: str | None = None,
        create_associate: bool = True,
        is_owner: bool = False,
        carry_referral_code: bool = False,
        batch_size: int | None = None,
        concurrency: int = 1,
        checkpoint: str | PathLike[str] | SyncCheckpoint | None = None,
        timeout: float | None = None,
    ) -> Many:
        """Creates or updates any number of users, a batch at a time, as the result is iterated over.

        Yields a result for each user that HAVN synced. Users that are wrong, or that HAVN refused, do not
        stop it: the stream's `report` has them, with their position in `users`. A call that fails as a whole
        raises; the report then tells how far it came, and syncing again is safe.

        With a `checkpoint` the same call, after a crash or an error, goes on where it stopped: pass the same
        users in the same order again. Those before the last saved batch are taken and not sent, the report
        goes on, and only the batch that was in flight is sent a second time. A batch is saved once all its
        results were taken from the stream, and before the next one is sent; so no result is lost either.
        With `concurrency` above 1 that goes for all batches that were in flight, and for their order.

        Args:
            users: Any iterable of mappings as in `sync_bulk`, read lazily; the async client also takes an
                async iterable.
            upline_code: As in `sync`, for all of them.
            referral_code: As in `sync`, for all of them.
            create_associate: As in `sync`, for all of them.
            is_owner: As in `sync`, for all of them.
            carry_referral_code: Link every later batch to the referral code of the first success, as one
                team (HAVN integration flow).
            batch_size: Users in a call, at most 50; the client's limit when None.
            concurrency: Batches in flight at once, 1 to 100; results come in the order of the users all the
                same. The blocking client uses threads. Halves when HAVN answers 429, and recovers.
            checkpoint: Path of a file (SQLite; made when missing, readable by its owner alone, one sync at a
                time), or a `SyncCheckpoint` of yours. One for each sync of each company, which is known by its
                API key: after a rotation of the key a sync begins anew, with a new checkpoint. Holds the
                addresses of users that failed, and no credentials; delete it when you are done with the report.
            timeout: Seconds for each phase of each try of each call; the client's when None.

        Raises:
            HAVNValidationError: An argument other than the users is wrong. While it is iterated over: the
                checkpoint was made with other arguments or other users, or is no checkpoint, or is in use.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        shared = _shared(upline_code, referral_code, create_associate, is_owner)
        problems = Problems()
        limit = self._session.settings.bulk_limit
        size = problems.number("batch_size", batch_size, least=1, most=limit) or limit
        at_once = problems.number("concurrency", concurrency, least=1, most=100, required=True) or 1
        fields = checked_shared(shared, problems)
        seconds = problems.timeout(timeout)
        iterator = _iterator(users, problems)
        terms = {
            **fields,
            "carry_referral_code": carry_referral_code,
            "base_url": self._session.settings.base_url,
            "test_mode": self._session.settings.test_mode,
            "company": _company(self._session),
        }
        kept = journal(checkpoint, terms, problems)
        problems.raise_any()
        progress = SyncProgress()
        sync = _Sync(
            session=self._session,
            users=iterator,
            size=size,
            shared=fields,
            progress=progress,
            kept=kept,
            timeout=seconds,
            carry=carry_referral_code,
            window=Window(at_once),
            concurrency=at_once,
        )
        return self._stream(sync.flow(), progress)


def _company(session: Session) -> str:
    """What tells one company's API key from another's, and gives nothing of it away."""
    key = session.settings.api_key.reveal().encode()
    return hmac.digest(key, b"havn checkpoint", "sha256").hex()[:16]


def _shared(
    upline_code: object, referral_code: object, create_associate: object, is_owner: object
) -> dict[str, object]:
    return {
        "upline_code": upline_code,
        "referral_code": referral_code,
        "create_associate": create_associate,
        "is_owner": is_owner,
    }


def _sync(session: Session, given: Mapping[str, object], timeout: object) -> Flow[UserSyncResult]:
    problems = Problems()
    seconds = problems.timeout(timeout)
    return (yield from _deliver(session, prepare(given, problems), timeout=seconds))


def prepare(given: Mapping[str, object], problems: Problems) -> UserSyncRequest:
    """Checks one user; the first half of `sync`, which touches no network.

    Args:
        given: Arguments of `sync` but `timeout`, by name; None is absent.
        problems: Collects what is wrong, and may hold problems already.

    Raises:
        HAVNValidationError: Names every field that is wrong.
    """
    body = checked_user(given, problems)
    problems.raise_any()
    assert body is not None  # noqa: S101  what was wrong with it has been raised
    return body


def _deliver(
    session: Session,
    request: UserSyncRequest,
    *,
    content: bytes | None = None,
    timeout: float | None = None,
    observe: Observer | None = None,
) -> Flow[UserSyncResult]:
    """Sends a prepared user and reads the answer; the second half of `sync`. Stored `content` goes as it is."""

    def read(raw: dict[str, Any], answer: Answer) -> UserSyncResult:
        return user_sync_result(raw, request_id(answer))

    operation = {**_operation(request), "content": content}
    return (yield from exchange_json(session, operation, read, timeout=timeout, observe=observe))


def _sync_bulk(
    session: Session, users: object, shared: Mapping[str, object], timeout: object
) -> Flow[BulkSyncResult]:
    problems = Problems()
    seconds = problems.timeout(timeout)
    fields = checked_shared(shared, problems)
    checked = _checked_users(users, session.settings.bulk_limit, problems)
    problems.raise_any()
    return (yield from _send_batch(session, checked, fields, seconds))


@attrs.frozen
class _Sync:
    """One `sync_many` under way: batches go out in order, several at once, and are settled in the same order."""

    session: Session
    users: object
    size: int
    shared: Mapping[str, Any]
    progress: SyncProgress
    kept: Journal
    timeout: float | None
    carry: bool
    window: Window
    concurrency: int

    def flow(self) -> Flow[None]:
        """Emits each synced user, batch after batch."""
        pending: deque[_Pending] = deque()
        position, more = 0, True
        try:
            yield from self.kept.resume(self.users, self.progress)
            position = self.progress.report.total
            while True:
                while more and len(pending) < self._at_once():
                    items: list[object] = yield Take(self.users, "users", self.size)
                    more = bool(items)
                    if more:
                        pending.append((yield from self._begin(items)))
                if not pending:
                    break
                settled = pending.popleft()
                position += len(settled.items)
                yield from self._settle(settled, position)
            self.progress.finish()
            yield from self.kept.save(self.progress.report_up_to(position, ()))
        finally:
            self.kept.close()

    def _at_once(self) -> int:
        """How many batches may be under way; one, while all others wait for its referral code."""
        return 1 if self.carry and self.progress.referral_code is None else self.window.size

    def _begin(self, items: list[object]) -> Flow[_Pending]:
        batch = self.progress.take(items)
        code = self.progress.referral_code if self.carry else None
        shared = {"referral_code": code, **self.shared} if code else self.shared
        call: Any = (
            _send_batch(self.session, batch.users, shared, self.timeout, self._observe) if batch.users else None
        )
        if call is not None and self.concurrency > 1:
            call = yield Start(call, self.concurrency)
        return _Pending(items, batch, call)

    def _settle(self, pending: _Pending, position: int) -> Flow[None]:
        batch, failures = pending.batch, pending.batch.refused
        if pending.call is not None:
            result = yield from self._result(pending.call)
            self.window.succeeded()
            failures = failures + self.progress.settle(batch, result)
            yield Emit([each for each in result.results if each.success])
        self.kept.taken(pending.items)
        yield from self.kept.save(self.progress.report_up_to(position, failures))

    def _result(self, call: Any) -> Flow[BulkSyncResult]:  # noqa: ANN401  a flow, or what was started of one
        if self.concurrency > 1:
            result: BulkSyncResult = yield Finish(call)
            return result
        return (yield from cast("Flow[BulkSyncResult]", call))

    def _observe(self, status: int, _headers: Mapping[str, str]) -> None:
        if status == 429:
            self.window.refused()


class _Pending(NamedTuple):
    """A batch under way: its users as they were given and as they go out, and the call, if there is any to send."""

    items: list[object]
    batch: Batch
    call: Any


def _send_batch(
    session: Session,
    users: list[UserSyncRequest],
    shared: Mapping[str, Any],
    timeout: float | None,
    observe: Observer | None = None,
) -> Flow[BulkSyncResult]:
    def read(raw: dict[str, Any], answer: Answer) -> BulkSyncResult:
        return bulk_sync_result(raw, request_id(answer))

    body = UserSyncBulkRequest(users=users, **shared)
    return (yield from exchange_json(session, _operation(body), read, timeout=timeout, observe=observe))


def _operation(body: UserSyncRequest | UserSyncBulkRequest) -> dict[str, Any]:
    return sync_users(body=body)


def _checked_users(users: object, limit: int, problems: Problems) -> list[UserSyncRequest]:
    """The users of a bulk call; `problems` names those that are wrong by their position."""
    if not is_collection_of_users(users):
        problems.add("users", f"must be a list of mappings, not {type(users).__name__}")
        return []
    listed = list(islice(users, limit + 1))
    if not listed:
        problems.add("users", "must not be empty")
    if len(listed) > limit:
        problems.add("users", f"must be at most {limit} in one call: sync_many cuts any number into batches")
        return []
    checked = [_checked_user(user, f"users[{index}]", problems) for index, user in enumerate(listed)]
    return [user for user in checked if user is not None]


def _checked_user(user: object, place: str, problems: Problems) -> UserSyncRequest | None:
    if not is_mapping(user):
        return problems.add(place, f"must be a mapping, not {type(user).__name__}")
    return checked_user(user, problems.within(f"{place}."))


def _iterator(users: object, problems: Problems) -> object:
    """An iterator over users, sync or async."""
    if isinstance(users, AsyncIterable):
        return aiter(users)
    if not is_collection_of_users(users):
        return problems.add("users", f"must be an iterable of mappings, not {type(users).__name__}")
    return iter(users)
