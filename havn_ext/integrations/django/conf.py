"""`settings.HAVN`: read anew each time, so that tests may override it, with every fault named at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from havn_ext._guards import is_mapping
from havn_ext.client import HAVNClient
from havn_ext.config import resolve
from havn_ext.outbox.delivery import ClientSender, environment_accounts
from havn_ext.outbox.schedule import DAY
from havn_ext.outbox.store import Store
from havn_ext.referrals import REFERRAL_DAYS, kept_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from havn_ext.config import Settings
    from havn_ext.outbox.delivery import AccountOptions
    from havn_ext.rates import RateSource

__all__ = ["Configuration", "client", "configuration", "read", "sender", "store"]

_ACCOUNT_OPTIONS: Final = {
    "API_KEY": "api_key",
    "WEBHOOK_SECRET": "webhook_secret",
    "BASE_URL": "base_url",
    "TEST_MODE": "test_mode",
}
T = TypeVar("T")
_OWN: Final = ("ACCOUNTS", "DATABASE", "KEEP_PAYLOAD_DAYS", "RATES", "REFERRAL_DAYS")
_clients: Final[dict[tuple[Settings, int | None], HAVNClient]] = {}


@attrs.frozen
class Configuration:
    """What `settings.HAVN` says.

    Attributes:
        database: Alias of the database that the outbox is in.
        keep_payloads: Seconds for which delivered messages keep payload and answer.
        keep_referral: Seconds for which a browser keeps a referral link.
        accounts: What leads to each company; what is left out, the environment may have.
        rates: Exchange rates, if sales are to be converted here.
    """

    database: str = "default"
    keep_payloads: float = 7 * DAY
    keep_referral: float = REFERRAL_DAYS * DAY
    accounts: Mapping[str, AccountOptions] = attrs.field(default=MappingProxyType({}), repr=False)
    rates: RateSource | None = None


def configuration() -> Configuration:
    """What `settings.HAVN` says.

    Raises:
        ImproperlyConfigured: Names every setting that is wrong; credentials are looked at by the checks alone.
    """
    found, faults = read(getattr(settings, "HAVN", {}))
    if faults:
        raise ImproperlyConfigured("; ".join(faults))
    return found


def store() -> Store:
    """The project's outbox.

    Raises:
        HAVNOutboxError: Its database is neither PostgreSQL nor SQLite, or SQLite is too old.
        ImproperlyConfigured: `settings.HAVN` is wrong.
    """
    from havn_ext.integrations.django.database import DjangoDatabase  # noqa: PLC0415  asks Django's settings

    found = configuration()
    return Store(DjangoDatabase(found.database), keep_payloads=found.keep_payloads)


def sender(accounts: Collection[str] | None = None, *, timeout: float = 30.0) -> ClientSender:
    """What delivers for the project's accounts.

    Args:
        accounts: Those to deliver for; all of `settings.HAVN` when None.
        timeout: Seconds that one call may take as a whole.

    Raises:
        HAVNValidationError: Credentials are missing or malformed.
        ImproperlyConfigured: `settings.HAVN` is wrong, or has none of an account's name.
    """
    return ClientSender(_chosen(configuration(), accounts), timeout=timeout)


def client(account: str = "default") -> HAVNClient:
    """A client for what does not go through the outbox, such as vouchers and login links.

    The same one for as long as the settings are the same, so that its connections are used again.

    Args:
        account: One of `settings.HAVN`.

    Raises:
        HAVNValidationError: Credentials are missing or malformed.
        ImproperlyConfigured: `settings.HAVN` is wrong, or has none of the account's name.
    """
    found = configuration()
    (options,) = _chosen(found, [account]).values()
    key = (resolve(**options), None if found.rates is None else id(found.rates))
    made = _clients.get(key)
    return made or _clients.setdefault(key, HAVNClient(**options, rates=found.rates))


def _chosen(found: Configuration, accounts: Collection[str] | None) -> dict[str, AccountOptions]:
    chosen = found.accounts.keys() if accounts is None else accounts
    missing = [name for name in chosen if name not in found.accounts]
    if missing:
        raise ImproperlyConfigured(f"settings.HAVN['ACCOUNTS'] has no {', '.join(map(repr, missing))}")
    return {name: found.accounts[name] for name in chosen}


def read(given: object) -> tuple[Configuration, list[str]]:
    """What a value of `settings.HAVN` says, and what is wrong with it."""
    if not is_mapping(given):
        return Configuration(), [f"settings.HAVN must be a dict, not {type(given).__name__}"]
    reader = _Reader(given)
    found = Configuration(
        database=reader.database(),
        keep_payloads=reader.days("KEEP_PAYLOAD_DAYS", 7),
        keep_referral=reader.referral_days(),
        accounts=reader.accounts(),
        rates=reader.rates(),
    )
    return found, reader.faults


class _Reader:
    """Reads one setting after the other, and collects what is wrong with any of them."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.faults: list[str] = []
        self._refuse_unknown(given, (*_OWN, *_ACCOUNT_OPTIONS), "settings.HAVN")

    def database(self) -> str:
        """The alias."""
        alias = self._given.get("DATABASE", "default")
        if isinstance(alias, str):
            return alias
        return self._fault("DATABASE", "must be an alias of settings.DATABASES", "default")

    def days(self, name: str, default: float) -> float:
        """A number of days, in seconds."""
        days = self._given.get(name, default)
        if isinstance(days, (int, float)) and not isinstance(days, bool) and 0 <= days < float("inf"):
            return days * DAY
        return self._fault(name, "must be a number of days, 0 or more", default * DAY)

    def referral_days(self) -> float:
        """The number of days for which a referral link is kept, in seconds."""
        try:
            return kept_for(self._given.get("REFERRAL_DAYS", REFERRAL_DAYS)).total_seconds()
        except ValueError as error:
            return self._fault("REFERRAL_DAYS", str(error), REFERRAL_DAYS * DAY)

    def rates(self) -> RateSource | None:
        """A mapping, a function, or the dotted path of either."""
        rates = self._given.get("RATES")
        if isinstance(rates, str):
            try:
                rates = import_string(rates)
            except ImportError as error:
                return self._fault("RATES", f"can't be imported: {error}", None)
        if rates is None or isinstance(rates, Mapping) or callable(rates):
            return cast("RateSource | None", rates)
        return self._fault("RATES", "must be a dict, a function, or the dotted path of either", None)

    def accounts(self) -> dict[str, AccountOptions]:
        """The default account, which stands in HAVN itself, and those of ACCOUNTS."""
        others: object = self._given.get("ACCOUNTS", {})
        if not is_mapping(others):
            self._fault("ACCOUNTS", "must be a dict of dicts", None)
            others = {}
        own = {name: self._given[name] for name in _ACCOUNT_OPTIONS if name in self._given}
        if own and "default" in others:
            self._fault("ACCOUNTS", "has a 'default', whose options stand in HAVN itself already", None)
        named: dict[str, object] = {**others} if others and not own else {"default": own, **others}
        return {name: self._account(name, options) for name, options in named.items()}

    def _account(self, name: str, options: object) -> AccountOptions:
        where = f"settings.HAVN['ACCOUNTS'][{name!r}]"
        if not is_mapping(options):
            self.faults.append(f"{where} must be a dict, not {type(options).__name__}")
            options = {}
        self._refuse_unknown(options, tuple(_ACCOUNT_OPTIONS), where)
        (found,) = environment_accounts([name], os.environ).values()
        for setting, option in _ACCOUNT_OPTIONS.items():
            if options.get(setting) is not None:
                found[option] = options[setting]  # type: ignore[literal-required]
        return found

    def _refuse_unknown(self, given: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
        self.faults += [
            f"{where} has {name!r}, which there is not: {', '.join(sorted(known))}"
            for name in given
            if name not in known
        ]

    def _fault(self, name: str, what: str, instead: T) -> T:
        self.faults.append(f"settings.HAVN[{name!r}] {what}")
        return instead
