"""A server that behaves like HAVN, on one's own machine: for trying, for testing, for demonstrations.

It checks signatures, validates every request and every answer against the contract, keeps state and applies
HAVN's rules. Needs the extra `havn-sdk[sandbox]`; the names load on first use, so that a missing extra is
told by the one who needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._lazy import loaded_on_use

if TYPE_CHECKING:
    from havn_ext.sandbox.app import create_app
    from havn_ext.sandbox.config import SandboxConfig
    from havn_ext.sandbox.server import SandboxServer

__all__ = ["SandboxConfig", "SandboxServer", "create_app"]

_HOMES: Final = {"SandboxConfig": "config", "SandboxServer": "server", "create_app": "app"}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything
    __getattr__ = loaded_on_use(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
