"""One company of a sandbox: its credentials, its clients, and what can be done to it."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from havn_ext._redaction import MASK
from havn_ext.client import AsyncHAVNClient, HAVNClient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self, Unpack

    from havn_ext.testing.control import Control
    from havn_ext.testing.options import AsyncClientOptions, ClientOptions

__all__ = ["SandboxCompany"]


@attrs.frozen
class SandboxCompany:
    """A company that no other test shares; empty at first, with the sandbox's usual exchange rates.

    Attributes:
        url: Where its sandbox serves, without a slash at the end.
        api_key: The key, which is the company.
        webhook_secret: The secret that its requests are signed with.
    """

    url: str
    api_key: str
    webhook_secret: str = attrs.field(repr=lambda _: MASK)
    _control: Control = attrs.field(repr=False)

    @classmethod
    def new(cls, url: str, control: Control) -> Self:
        """A company that nobody has seen; the sandbox makes it on its first call (`test_<unique>`)."""
        api_key = f"test_{uuid.uuid4().hex}"
        return cls(url, api_key, f"{api_key}_secret", control)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that lead `HAVNClient()` to this company."""
        return {
            "HAVN_API_KEY": self.api_key,
            "HAVN_WEBHOOK_SECRET": self.webhook_secret,
            "HAVN_BASE_URL": self.url,
        }

    def client(self, **options: Unpack[ClientOptions]) -> HAVNClient:
        """A client of this company, for the caller to close. Takes the options of `HAVNClient`."""
        return HAVNClient(self.api_key, self.webhook_secret, self.url, **options)

    def async_client(self, **options: Unpack[AsyncClientOptions]) -> AsyncHAVNClient:
        """An async client of this company, for the caller to close. Takes the options of `AsyncHAVNClient`."""
        return AsyncHAVNClient(self.api_key, self.webhook_secret, self.url, **options)

    def seed(self) -> None:
        """Replace all data by the demo data: HAVN-MJ-001 and its uplines, vouchers of every kind, users."""
        self.control("POST", "seed", json={"seed": "demo"})

    def reset(self) -> None:
        """Be as new: no data, no requests in the log, no faults, all rate limits unused."""
        self.control("POST", "reset")

    @property
    def rates(self) -> dict[str, Decimal]:
        """US dollars for one unit of each currency, by ISO 4217 code; fit for `HAVNClient(rates=...)`."""
        return {currency: Decimal(rate) for currency, rate in self.control("GET", "rates")["rates"].items()}

    def set_rates(self, rates: Mapping[str, Decimal | str]) -> None:
        """Change exchange rates; those that are not named stay.

        Args:
            rates: US dollars for one unit, above 0, by ISO 4217 code.

        Raises:
            ValueError: A rate or a currency that the sandbox does not take.
        """
        self.control("PUT", "rates", json={"rates": {currency: f"{rate}" for currency, rate in rates.items()}})

    def add_fault(self, kind: str, **fault: object) -> None:
        """Let calls of this company go wrong.

        Args:
            kind: `status`, `delay`, `html`, `reset_before`, `reset_after` (processed, but the answer is lost),
                `truncated`, `empty`, `wrong_content_type` or `slow_drip`.
            **fault: Which calls and how: `status`, `operation`, `nth`, `times`, `probability`, `retry_after`,
                `delay` and `duration` (seconds), see the sandbox's documentation.

        Raises:
            ValueError: The sandbox knows no such fault.
        """
        self._control.ask("POST", "faults", json={"kind": kind, "company": self.api_key, **fault})

    def clear_faults(self) -> None:
        """Let nothing go wrong on purpose any more."""
        self.control("DELETE", "faults")

    def requests(self, **filters: str | int) -> list[dict[str, Any]]:
        """What the sandbox has received from this company, in short; whoever sent it, the SDK or not.

        Args:
            **filters: `operation`, `status`, `verdict`, `text`, `since_id` and `limit`.
        """
        found: list[dict[str, Any]] = self.control("GET", "requests", json=None, **filters)["requests"]
        return found

    def request(self, number: int) -> dict[str, Any]:
        """One of these requests whole: headers, body, canonical form, signature and answer.

        Args:
            number: Its `id`.

        Raises:
            ValueError: There is none, or no longer.
        """
        return self._control.ask("GET", f"requests/{number}")

    def control(
        self, method: str, path: str, *, json: Mapping[str, object] | None = None, **query: str | float
    ) -> dict[str, Any]:
        """Anything else that the sandbox's control API offers for one company.

        Args:
            method: `GET`, `POST`, `PUT` or `DELETE`.
            path: Below `/_sandbox/`, such as `requests/wait`.
            json: The body.
            **query: Parameters besides `company`, which is this one.

        Raises:
            ValueError: The sandbox refused; the message has its reasons.
        """
        return self._control.ask(method, path, json=json, company=self.api_key, **query)
