"""What your own tests need: a sandbox by fixture, no waiting, a look at what was sent, helpful assertions.

With pytest the fixtures `havn_sandbox`, `havn_client` and `async_havn_client` are there by themselves; with
unittest there is `HAVNSandboxTestCase`. See `docs/en/testing.md`. Nothing here imports pytest, and names load
on first use (PEP 562). What runs a sandbox needs the extra `havn-sdk[sandbox]`, and says so without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from havn_ext.testing.assertions import assert_not_sent, assert_sent, assert_transaction_reported
    from havn_ext.testing.cases import HAVNSandboxTestCase
    from havn_ext.testing.company import SandboxCompany
    from havn_ext.testing.recording import SentRequest, recorded_requests
    from havn_ext.testing.server import LocalSandbox, start_sandbox
    from havn_ext.testing.transport import SandboxTransport
    from havn_ext.testing.waiting import UnwaitedTime, no_waiting

__all__ = [
    "HAVNSandboxTestCase",
    "LocalSandbox",
    "SandboxCompany",
    "SandboxTransport",
    "SentRequest",
    "UnwaitedTime",
    "assert_not_sent",
    "assert_sent",
    "assert_transaction_reported",
    "no_waiting",
    "recorded_requests",
    "start_sandbox",
]

_HOMES: Final = {
    "HAVNSandboxTestCase": "cases",
    "LocalSandbox": "server",
    "SandboxCompany": "company",
    "SandboxTransport": "transport",
    "SentRequest": "recording",
    "UnwaitedTime": "waiting",
    "assert_not_sent": "assertions",
    "assert_sent": "assertions",
    "assert_transaction_reported": "assertions",
    "no_waiting": "waiting",
    "recorded_requests": "recording",
    "start_sandbox": "server",
}


# as `_lazy` has it, which every pytest session with our plugin would load as well
if not TYPE_CHECKING:  # to a checker a misspelt name would be anything

    def __getattr__(name: str) -> object:
        """Load a public name from the module that defines it (PEP 562)."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  comes with the first name

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
