"""`client.users`: make users known to HAVN, one, fifty or a million at a time."""

from __future__ import annotations

from collections.abc import AsyncIterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from havn_api.models import UserSyncBulkRequest, UserSyncRequest
from havn_ext._answers import request_id
from havn_ext._checks import Problems
from havn_ext._exchange import exchange_json
from havn_ext._guards import is_collection_of_users, is_mapping
from havn_ext._operations import sync_users
from havn_ext._reading import bulk_sync_result, user_sync_result
from havn_ext._steps import Emit, Take
from havn_ext._sync_progress import SyncProgress
from havn_ext._user import checked_shared, checked_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from havn_ext._session import Session
    from havn_ext._steps import Answer, Flow
    from havn_ext._user import UserInput
    from havn_ext.models import BulkSyncResult, UserSyncResult

    AnyUser = UserInput | Mapping[str, Any]

__all__ = ["Users"]

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
        timeout: float | None = None,
    ) -> Many:
        """Creates or updates any number of users, a batch at a time, as the result is iterated over.

        Yields a result for each user that HAVN synced. Users that are wrong, or that HAVN refused, do not
        stop it: the stream's `report` has them, with their position in `users`. A call that fails as a whole
        raises; the report then tells how far it came, and syncing again is safe.

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
            timeout: Seconds for each phase of each try of each call; the client's when None.

        Raises:
            HAVNValidationError: An argument other than the users is wrong.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        shared = _shared(upline_code, referral_code, create_associate, is_owner)
        problems = Problems()
        limit = self._session.settings.bulk_limit
        size = problems.number("batch_size", batch_size, least=1, most=limit) or limit
        fields = checked_shared(shared, problems)
        seconds = problems.timeout(timeout)
        iterator = _iterator(users, problems)
        problems.raise_any()
        progress = SyncProgress()
        flow = _sync_many(self._session, iterator, size, fields, progress, seconds, carry=carry_referral_code)
        return self._stream(flow, progress)


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
    body = checked_user(given, problems)
    problems.raise_any()
    assert body is not None  # noqa: S101  what was wrong with it has been raised

    def read(raw: dict[str, Any], answer: Answer) -> UserSyncResult:
        return user_sync_result(raw, request_id(answer))

    return (yield from exchange_json(session, _operation(body), read, timeout=seconds))


def _sync_bulk(
    session: Session, users: object, shared: Mapping[str, object], timeout: object
) -> Flow[BulkSyncResult]:
    problems = Problems()
    seconds = problems.timeout(timeout)
    fields = checked_shared(shared, problems)
    checked = _checked_users(users, session.settings.bulk_limit, problems)
    problems.raise_any()
    return (yield from _send_batch(session, checked, fields, seconds))


def _sync_many(
    session: Session,
    iterator: object,
    size: int,
    shared: dict[str, Any],
    progress: SyncProgress,
    timeout: float | None,
    *,
    carry: bool,
) -> Flow[None]:
    """Emits each synced user, batch after batch."""
    while items := (yield Take(iterator, "users", size)):
        batch = progress.take(items)
        if batch.users:
            result = yield from _send_batch(session, batch.users, shared, timeout)
            progress.settle(batch, result)
            for each in result.results:
                if each.success:
                    yield Emit(each)
        if carry and progress.referral_code:
            shared = {"referral_code": progress.referral_code, **shared}
    progress.finish()


def _send_batch(
    session: Session, users: list[UserSyncRequest], shared: Mapping[str, Any], timeout: float | None
) -> Flow[BulkSyncResult]:
    def read(raw: dict[str, Any], answer: Answer) -> BulkSyncResult:
        return bulk_sync_result(raw, request_id(answer))

    body = UserSyncBulkRequest(users=users, **shared)
    return (yield from exchange_json(session, _operation(body), read, timeout=timeout))


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
