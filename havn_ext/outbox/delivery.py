"""Sends one message to HAVN: the stored JSON as it is, signed now, in one attempt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypedDict

from havn_ext.client import AsyncHAVNClient
from havn_ext.errors import HAVNValidationError
from havn_ext.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from havn_ext.hooks import Hooks
    from havn_ext.outbox.messages import Claim
    from havn_ext.outbox.states import Kind

__all__ = [
    "OPERATIONS",
    "AccountOptions",
    "Answered",
    "ClientSender",
    "Sender",
    "Sent",
    "account_variable",
    "environment_accounts",
]

DEFAULT_TIMEOUT: Final = 30.0
OPERATIONS: Final[Mapping[Kind, str]] = {"transaction": "sendTransaction", "user": "syncUsers"}
"""The operation of the contract by which a message is reported."""


class AccountOptions(TypedDict, total=False):
    """What leads to one company of HAVN's: options of `AsyncHAVNClient`. What is left out, the environment has."""

    api_key: str
    webhook_secret: str
    base_url: str
    test_mode: bool


class Answered(NamedTuple):
    """What an answer said about itself."""

    status: int
    headers: Mapping[str, str]


class Sent(NamedTuple):
    """HAVN said yes."""

    raw: Mapping[str, Any]
    status: int | None


class Sender(Protocol):
    """Brings messages to HAVN. The worker's tests have one that does not."""

    @property
    def accounts(self) -> Collection[str]:
        """The accounts that it has credentials for."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds after which the worker gives up a call."""
        ...

    async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
        """Sends a message once.

        Args:
            claim: The message.
            answers: Takes what came back, whatever becomes of it.

        Raises:
            HAVNError: HAVN did not say yes.
        """
        ...

    async def close(self) -> None:
        """Closes the connections of the running event loop; a later `send` opens new ones."""
        ...


class ClientSender:
    """Sends through an `AsyncHAVNClient` for each account. Its own retries are off: the outbox has the schedule.

    Args:
        accounts: Options of each account; `default` with those of the environment when None.
        timeout: Seconds that one call may take as a whole.
        hooks: Of every client, such as `opentelemetry_hooks()`.

    Raises:
        HAVNValidationError: Names every setting that is missing or wrong.
    """

    def __init__(
        self,
        accounts: Mapping[str, AccountOptions] | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        hooks: Hooks | Iterable[Hooks] | None = None,
    ) -> None:
        self.timeout = timeout
        self._hooks = hooks if hooks is None or not isinstance(hooks, Iterable) else tuple(hooks)
        self._options: dict[str, AccountOptions] = dict({"default": {}} if accounts is None else accounts)
        if not self._options:
            raise HAVNValidationError(errors={"accounts": "must name at least one account"})
        self._retry = RetryPolicy(max_retries=0, deadline=timeout)
        self._clients = self._made()

    @property
    def accounts(self) -> Collection[str]:
        """See `Sender`."""
        return self._options.keys()

    def _made(self) -> dict[str, AsyncHAVNClient]:
        return {
            account: AsyncHAVNClient(**options, timeout=self.timeout, retry=self._retry, hooks=self._hooks)
            for account, options in self._options.items()
        }

    async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
        """See `Sender`."""

        def observe(status: int, headers: Mapping[str, str]) -> None:
            answers.append(Answered(status, headers))

        client, payload = self._clients[claim.account], claim.payload.encode("ascii")
        if claim.kind == "transaction":
            raw = (await client.transactions.send_prepared(payload, observe=observe)).raw
        else:
            raw = (await client.users.sync_prepared(payload, observe=observe)).raw
        return Sent(raw, answers[-1].status if answers else None)

    async def close(self) -> None:
        """See `Sender`."""
        closing, self._clients = self._clients, self._made()
        for client in closing.values():
            await client.close()


def environment_accounts(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, AccountOptions]:
    """The credentials of each account; those that are missing are named when its client is made.

    Args:
        names: `default` has `HAVN_API_KEY` and `HAVN_WEBHOOK_SECRET`; another one has variables of its own,
            such as `HAVN_API_KEY_MY_SHOP` for `my-shop`, and never those of `default`.
        environ: The environment.
    """
    accounts: dict[str, AccountOptions] = {}
    for name in names:
        if name == "default":
            accounts[name] = {}
            continue
        accounts[name] = {
            "api_key": environ.get(account_variable("HAVN_API_KEY", name), ""),
            "webhook_secret": environ.get(account_variable("HAVN_WEBHOOK_SECRET", name), ""),
        }
    return accounts


def account_variable(variable: str, name: str) -> str:
    """The variable that another account than `default` has in place of one of `default`'s."""
    return f"{variable}_{''.join(each if each.isalnum() else '_' for each in name).upper()}"
