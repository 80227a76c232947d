"""A sandbox without its door: data, clock, limits, log and faults, and what concerns several of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from havn_ext.sandbox import companies, seed, spec
from havn_ext.sandbox.clock import SandboxClock
from havn_ext.sandbox.companies import Company
from havn_ext.sandbox.faults import FaultPlan
from havn_ext.sandbox.rate_limits import RateLimiter
from havn_ext.sandbox.request_log import RequestLog
from havn_ext.sandbox.snapshots import Snapshots
from havn_ext.sandbox.store import Store

if TYPE_CHECKING:
    from typing import Self

    from havn_ext.sandbox.config import SandboxConfig, Seed

__all__ = ["Box"]


@attrs.frozen
class Box:
    """Everything that a sandbox keeps.

    Args:
        config: As it was told, with `clock` in place of the configured one.
        clock: Tells the time to all parts.
        store: The open database.
        snapshots: Its snapshots.
        limiter: Grants calls.
        log: What was asked and answered.
        faults: What shall go wrong.
    """

    config: SandboxConfig
    clock: SandboxClock
    store: Store
    snapshots: Snapshots
    limiter: RateLimiter
    log: RequestLog
    faults: FaultPlan

    @classmethod
    def open(cls, config: SandboxConfig) -> Self:
        """Open the database and make the configured company, if it is new with its seed.

        Raises:
            StoreError: The database file cannot be used.
            FaultError: A configured fault cannot happen.
        """
        faults = FaultPlan(spec.operations(), config.faults)
        clock = SandboxClock(config.clock)
        config = attrs.evolve(config, clock=clock)
        store = Store(config.database)
        log = RequestLog(config.log_entries, config.log_bytes)
        snapshots = Snapshots(store, config.database)
        box = cls(config, clock, store, snapshots, RateLimiter(config), log, faults)
        with store.transaction():
            box.open_default_company()
        return box

    def open_default_company(self) -> None:
        """Inside a transaction: make the configured company; one that is new is seeded."""
        company = Company(self.config.api_key, self.config.webhook_secret)
        if companies.register(self.store, company):
            self._plant(company, self.config.seed)

    def reset(self) -> None:
        """Be as on the first start: data, log, limits, clock and faults. Snapshots stay."""
        with self.store.transaction():
            for api_key in companies.keys(self.store):
                companies.forget(self.store, api_key)
            self.open_default_company()
        self.log.clear()
        self.limiter.clear()
        self.clock.resume()
        self.faults.restart()

    def reset_company(self, company: Company) -> None:
        """Make a company as new, with the log, the limits and the faults that are its alone."""
        is_default = company.api_key == self.config.api_key
        self.seed(company, self.config.seed if is_default else "none")
        self.log.clear(company.api_key)
        self.limiter.clear(company.api_key)
        self.faults.clear(company.api_key)

    def seed(self, company: Company, kind: Seed) -> None:
        """Replace all data of a company with a seed."""
        with self.store.transaction():
            companies.forget(self.store, company.api_key)
            companies.register(self.store, company)
            self._plant(company, kind)

    def load(self, snapshot: str) -> None:
        """Put all data back to a snapshot, with the configured company as it is configured now.

        Raises:
            KeyError: There is none with this name.
            StoreError: It cannot be used.
        """
        self.snapshots.load(snapshot)
        with self.store.transaction():
            self.open_default_company()

    def _plant(self, company: Company, kind: Seed) -> None:
        if kind == "demo":
            seed.plant_demo_data(companies.open_data(self.store, company))
