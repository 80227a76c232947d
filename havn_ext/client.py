"""The two clients: `HAVNClient` blocks, `AsyncHAVNClient` awaits. They bind resources to settings and a driver.

Building one checks the settings and loads nothing heavy: the HTTP library comes with the first call.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from havn_ext._pool import AsyncPool, SyncPool, wrong_kind, wrong_transport
from havn_ext.config import DEFAULT_TIMEOUT, changed, resolve
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping
    from types import TracebackType
    from typing import ClassVar, Self

    import httpx

    from havn_ext._drivers import AsyncDriver, SyncDriver
    from havn_ext._pool import Transport
    from havn_ext._session import Session
    from havn_ext._steps import Flow
    from havn_ext._sync_progress import SyncProgress
    from havn_ext._watching import Watch
    from havn_ext.config import Settings
    from havn_ext.hooks import EndEvent, Hook, Hooks, RequestEvent, ResponseEvent, RetryEvent
    from havn_ext.models import BulkSyncResult, TransactionResult, UserSyncResult, VoucherPage
    from havn_ext.rates import RateSource
    from havn_ext.resources.auth import Auth
    from havn_ext.resources.transactions import Transactions
    from havn_ext.resources.users import Users
    from havn_ext.resources.vouchers import AsyncVoucherIterator, VoucherIterator, Vouchers
    from havn_ext.retry import RetryPolicy
    from havn_ext.streams import AsyncUserSyncStream, UserSyncStream

    _T = TypeVar("_T")
    Awaited = Coroutine[Any, Any, _T]

__all__ = ["AsyncHAVNClient", "HAVNClient"]

HTTPClient = TypeVar("HTTPClient", "httpx.Client", "httpx.AsyncClient")


class _Client(Generic[HTTPClient]):
    """What both clients are: checked settings, and a pool that derived clients share."""

    _asynchronous: ClassVar[bool]
    _hooks: tuple[Hooks, ...]

    def __init__(
        self,
        api_key: str | None = None,
        webhook_secret: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        backoff_factor: float | None = None,
        test_mode: bool = False,
        *,
        http_client: HTTPClient | None = None,
        rates: RateSource | None = None,
        retry: RetryPolicy | None = None,
        transport: Transport = "httpx",
        on_request: Hook[RequestEvent] | None = None,
        on_response: Hook[ResponseEvent] | None = None,
        on_retry: Hook[RetryEvent] | None = None,
        on_end: Hook[EndEvent] | None = None,
        hooks: Hooks | Iterable[Hooks] | None = None,
    ) -> None:
        """Checks the settings; connects nowhere.

        Args:
            api_key: From the HAVN dashboard; else `HAVN_API_KEY`.
            webhook_secret: From the HAVN dashboard; else `HAVN_WEBHOOK_SECRET`.
            base_url: Else `HAVN_BASE_URL`, the `http_client`'s own, or https://api.havn.com.
            timeout: Seconds, above 0, for each phase (connect, send, receive) of each try; else `HAVN_TIMEOUT`, the
                `http_client`'s own, or 30.
            max_retries: Tries after the first one, 0 to 100; else `HAVN_MAX_RETRIES` or 3.
            backoff_factor: Seconds, 0 or more, see `RetryPolicy`; else `HAVN_BACKOFF_FACTOR` or 0.5.
            test_mode: Let HAVN answer as usual and store nothing.
            http_client: Your own httpx client, with its proxies, hooks and so on. It stays yours to close.
            rates: Exchange rates, if this client is to convert: a mapping from ISO 4217 code to US dollars
                for one unit, or a function of the code. HAVN checks to the cent, so only its own rates are
                of use.
            retry: The whole retry policy, in place of `max_retries` and `backoff_factor`.
            transport: What carries the calls. An `AsyncHAVNClient` may have `aiohttp` (the extra of that
                name), which is faster where many calls run at once.
            on_request: Told of every try before it is sent, by a `RequestEvent`. As every hook it is called
                where the call is made, which waits for it; what it raises is logged, and the call goes on.
                With an `AsyncHAVNClient` it may be a coroutine function.
            on_response: Told of every try when it is over, by a `ResponseEvent`.
            on_retry: Told of every wait between two tries before it begins, by a `RetryEvent`.
            on_end: Told once a call what it came to, by an `EndEvent`.
            hooks: Hooks that belong together, one bundle or several, such as `opentelemetry_hooks()`; they are
                told before the four above, and of the end after them.

        Raises:
            HAVNValidationError: Names every argument or variable that is missing or wrong.
        """
        listed, faults = _checked_hooks(
            hooks,
            {"on_request": on_request, "on_response": on_response, "on_retry": on_retry, "on_end": on_end},
            asynchronous=self._asynchronous,
        )
        settings = _all_checked(
            lambda: resolve(
                api_key=api_key,
                webhook_secret=webhook_secret,
                base_url=base_url,
                timeout=timeout,
                max_retries=max_retries,
                backoff_factor=backoff_factor,
                test_mode=test_mode,
            ),
            _contradictions(retry, rates, max_retries, backoff_factor),
            wrong_kind(http_client, asynchronous=self._asynchronous),
            wrong_transport(transport, http_client, asynchronous=self._asynchronous),
            faults,
        )
        if http_client is None and settings.timeout is None:
            settings = settings._replace(timeout=DEFAULT_TIMEOUT)
        self._settings = settings
        self._pool: Any = self._make_pool(settings.base_url, http_client, transport)
        self._retry = retry
        self._rates = rates
        self._hooks = listed
        self._owns_pool = True

    def with_options(
        self,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        backoff_factor: float | None = None,
        test_mode: bool | None = None,
        rates: RateSource | None = None,
        retry: RetryPolicy | None = None,
        on_request: Hook[RequestEvent] | None = None,
        on_response: Hook[ResponseEvent] | None = None,
        on_retry: Hook[RetryEvent] | None = None,
        on_end: Hook[EndEvent] | None = None,
        hooks: Hooks | Iterable[Hooks] | None = None,
    ) -> Self:
        """A client with other options and the same connections. What is None stays as it is.

        Closing the derived client does nothing; closing the first one closes both.

        Args:
            timeout: Seconds, above 0, for each phase of each try.
            max_retries: Tries after the first one, 0 to 100.
            backoff_factor: Seconds, 0 or more, see `RetryPolicy`.
            test_mode: Whether HAVN stores nothing.
            rates: Exchange rates, as for the client.
            retry: The whole retry policy, in place of `max_retries` and `backoff_factor`.
            on_request: As for the client. Hooks are added: those that this client has are called first.
            on_response: As for the client, added.
            on_retry: As for the client, added.
            on_end: As for the client, added.
            hooks: As for the client, added.

        Raises:
            HAVNValidationError: Names every option that is wrong.
        """
        listed, faults = _checked_hooks(
            hooks,
            {"on_request": on_request, "on_response": on_response, "on_retry": on_retry, "on_end": on_end},
            asynchronous=self._asynchronous,
        )
        settings = _all_checked(
            lambda: changed(
                self._settings,
                timeout=timeout,
                max_retries=max_retries,
                backoff_factor=backoff_factor,
                test_mode=test_mode,
            ),
            _contradictions(retry, rates, max_retries, backoff_factor),
            faults,
        )
        derived = type(self).__new__(type(self))
        derived.__dict__.update(self._kept())
        derived._settings = settings
        derived._retry = retry or self._policy_with(
            settings, max_retries=max_retries, backoff_factor=backoff_factor
        )
        if rates is not None:
            derived._rates = rates
        derived._hooks = self._hooks + listed
        derived._owns_pool = False
        return derived

    def _kept(self) -> dict[str, object]:
        """What a derived client is given, a subclass's own attributes too; but for what is made of them on use."""
        return {
            name: value
            for name, value in vars(self).items()
            if not isinstance(getattr(type(self), name, None), cached_property)
        }

    @staticmethod
    def _make_pool(
        base_url: str | None, http_client: HTTPClient | None, transport: Transport
    ) -> SyncPool | AsyncPool:
        raise NotImplementedError

    def _policy_with(self, settings: Settings, **options: float | None) -> RetryPolicy | None:
        """The policy that this client was given, if any, with the named options as `settings` has them."""
        if self._retry is None:
            return None
        import attrs  # noqa: PLC0415  whoever made a policy has loaded it

        given = (name for name, option in options.items() if option is not None)
        return attrs.evolve(self._retry, **{name: getattr(settings, name) for name in given})

    @cached_property
    def _session(self) -> Session:
        from havn_ext._session import Session  # noqa: PLC0415  comes with the first call
        from havn_ext.retry import RetryPolicy  # noqa: PLC0415

        settings = self._settings
        policy = self._retry or RetryPolicy(
            max_retries=settings.max_retries, backoff_factor=settings.backoff_factor
        )
        return Session(settings, policy, self._rates, self._watch())

    def _watch(self) -> Watch | None:
        if not self._hooks:
            return None
        from havn_ext._watching import Watch  # noqa: PLC0415  only for whoever watches

        return Watch(self._hooks, self._pool.address, asynchronous=self._asynchronous)

    def __repr__(self) -> str:
        where = self._pool.base_url or "that of the http_client"
        mode = self._settings.test_mode
        return f"{type(self).__name__}(base_url={where!r}, api_key='****', webhook_secret='****', test_mode={mode})"


class HAVNClient(_Client["httpx.Client"]):
    """Speaks HAVN's webhooks, blocking. Safe to share between threads.

    Use it as a context manager, or `close()` it.
    """

    _asynchronous = False

    @staticmethod
    def _make_pool(base_url: str | None, http_client: httpx.Client | None, transport: Transport) -> SyncPool:  # noqa: ARG004  there is but one
        return SyncPool(base_url, http_client)

    @cached_property
    def _driver(self) -> SyncDriver:
        from havn_ext._drivers import SyncDriver  # noqa: PLC0415  comes with the first call

        return SyncDriver(self._pool, self._session.clock)

    @cached_property
    def transactions(self) -> Transactions[TransactionResult]:
        """Report what customers have paid."""
        from havn_ext.resources.transactions import Transactions  # noqa: PLC0415  comes with the first call

        return Transactions(self._session, self._driver.run)

    @cached_property
    def users(self) -> Users[UserSyncResult, BulkSyncResult, UserSyncStream]:
        """Make users known to HAVN."""
        from havn_ext.resources.users import Users  # noqa: PLC0415  comes with the first call

        run = self._driver.run
        return Users(self._session, run, run, self._stream)

    @cached_property
    def vouchers(self) -> Vouchers[bool, VoucherPage, VoucherIterator]:
        """Check and list vouchers."""
        from havn_ext.resources.vouchers import Vouchers  # noqa: PLC0415  comes with the first call

        run = self._driver.run
        return Vouchers(self._session, run, run, self._driver.iterate)

    @cached_property
    def auth(self) -> Auth[str]:
        """Login links into HAVN."""
        from havn_ext.resources.auth import Auth  # noqa: PLC0415  comes with the first call

        return Auth(self._session, self._driver.run)

    def _stream(self, flow: Flow[None], progress: SyncProgress) -> UserSyncStream:
        from havn_ext.streams import UserSyncStream  # noqa: PLC0415  comes with the first call

        return UserSyncStream(self._driver.iterate(flow), progress)

    def close(self) -> None:
        """Closes the connections that this client opened; a supplied `http_client` stays open."""
        if self._owns_pool:
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncHAVNClient(_Client["httpx.AsyncClient"]):
    """Speaks HAVN's webhooks under asyncio. Safe to share between tasks, and between event loops.

    Use it as an async context manager, or await `close()`.
    """

    _asynchronous = True

    @staticmethod
    def _make_pool(base_url: str | None, http_client: httpx.AsyncClient | None, transport: Transport) -> AsyncPool:
        return AsyncPool(base_url, http_client, transport)

    @cached_property
    def _driver(self) -> AsyncDriver:
        from havn_ext._drivers import AsyncDriver  # noqa: PLC0415  comes with the first call

        return AsyncDriver(self._pool, self._session.clock)

    @cached_property
    def transactions(self) -> Transactions[Awaited[TransactionResult]]:
        """Report what customers have paid."""
        from havn_ext.resources.transactions import Transactions  # noqa: PLC0415  comes with the first call

        return Transactions(self._session, self._driver.run)

    @cached_property
    def users(self) -> Users[Awaited[UserSyncResult], Awaited[BulkSyncResult], AsyncUserSyncStream]:
        """Make users known to HAVN."""
        from havn_ext.resources.users import Users  # noqa: PLC0415  comes with the first call

        run = self._driver.run
        return Users(self._session, run, run, self._stream)

    @cached_property
    def vouchers(self) -> Vouchers[Awaited[bool], Awaited[VoucherPage], AsyncVoucherIterator]:
        """Check and list vouchers."""
        from havn_ext.resources.vouchers import Vouchers  # noqa: PLC0415  comes with the first call

        run = self._driver.run
        return Vouchers(self._session, run, run, self._driver.iterate)

    @cached_property
    def auth(self) -> Auth[Awaited[str]]:
        """Login links into HAVN."""
        from havn_ext.resources.auth import Auth  # noqa: PLC0415  comes with the first call

        return Auth(self._session, self._driver.run)

    def _stream(self, flow: Flow[None], progress: SyncProgress) -> AsyncUserSyncStream:
        from havn_ext.streams import AsyncUserSyncStream  # noqa: PLC0415  comes with the first call

        return AsyncUserSyncStream(self._driver.iterate(flow), progress)

    async def close(self) -> None:
        """Closes the connections that this client opened; a supplied `http_client` stays open."""
        if self._owns_pool:
            await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


def _all_checked(settings: Callable[[], Settings], *found: Mapping[str, str]) -> Settings:
    """The settings, or one error with what is wrong with them and whatever else was found."""
    errors = {field: reason for each in found for field, reason in each.items()}
    try:
        checked = settings()
    except HAVNValidationError as error:
        raise HAVNValidationError(errors={**error.errors, **errors}) from None
    if errors:
        raise HAVNValidationError(errors=errors)
    return checked


def _checked_hooks(
    hooks: object, functions: dict[str, object], *, asynchronous: bool
) -> tuple[tuple[Hooks, ...], dict[str, str]]:
    """The hooks in the order in which they are told, and what is wrong with them."""
    if hooks is None and not any(function is not None for function in functions.values()):
        return (), {}
    from havn_ext.hooks import check  # noqa: PLC0415  only for whoever has hooks

    return check(hooks, functions, asynchronous=asynchronous)


def _contradictions(retry: object, rates: object, *options: object) -> dict[str, str]:
    """What is wrong with the arguments that have no variable, and with all of them together."""
    errors: dict[str, str] = {}
    if retry is not None and any(option is not None for option in options):
        errors["retry"] = "replaces max_retries and backoff_factor: pass one or the other"
    if retry is not None and not hasattr(retry, "wait_before_retry"):
        errors["retry"] = f"must be a RetryPolicy, not {type(retry).__name__}"
    if rates is not None and not callable(rates) and not hasattr(rates, "get"):
        errors["rates"] = f"must be a mapping or a function, not {type(rates).__name__}"
    return errors
