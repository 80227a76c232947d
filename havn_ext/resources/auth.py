"""`client.auth`: login links into HAVN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from havn_api.models import LoginRequest
from havn_ext._answers import unreadable
from havn_ext._checks import Problems
from havn_ext._exchange import exchange_json
from havn_ext._operations import create_login_link
from havn_ext._reading import login_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from havn_ext._session import Session
    from havn_ext._steps import Answer, Flow

__all__ = ["Auth"]

Url = TypeVar("Url", covariant=True)


class Auth(Generic[Url]):
    """Login links. `Url` is `str`, or an awaitable of it."""

    def __init__(self, session: Session, run: Callable[[Flow[str]], Url]) -> None:
        self._session = session
        self._run = run

    def login(self, email: str, *, timeout: float | None = None) -> Url:
        """The address that logs a user in to HAVN once; redirect the user's browser to it.

        It carries a single-use token and soon stops working (five minutes in HAVN's example): keep it out
        of logs and storage. HAVN allows twenty calls a minute per company.

        Args:
            email: Of a user that was synced before; sent trimmed and in lower case.
            timeout: Seconds for each phase of each try; the client's when None.

        Raises:
            HAVNValidationError: `email` is no e-mail address; nothing was sent.
            HAVNNotFoundError: HAVN does not know the user.
            HAVNBadRequestError: The user is inactive.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        return self._run(_login(self._session, email, timeout))


def _login(session: Session, email: object, timeout: object) -> Flow[str]:
    problems = Problems()
    address = problems.email("email", email, required=True)
    seconds = problems.timeout(timeout)
    problems.raise_any()
    body = LoginRequest(email=(address or "").lower())

    def read(raw: dict[str, Any], answer: Answer) -> str:
        url = login_url(raw)
        if not url:
            raise unreadable(answer, "its answer has no redirect_url", session.secrets)
        return url

    return (yield from exchange_json(session, create_login_link(body=body), read, timeout=seconds))
