"""A sandbox in this process, over real HTTP, with a company for everybody who asks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import attrs

from havn_ext.testing.company import SandboxCompany
from havn_ext.testing.control import Control
from havn_ext.testing.extra import sandbox_extra
from havn_ext.testing.waiting import sandbox_now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

__all__ = ["LocalSandbox", "start_sandbox"]


@attrs.frozen
class LocalSandbox:
    """A sandbox that serves until it is stopped; a context manager.

    Attributes:
        url: Where it serves, without a slash at the end.
    """

    url: str
    _control: Control = attrs.field(repr=False)
    _running: ExitStack = attrs.field(repr=False)

    def company(self) -> SandboxCompany:
        """A new company: its key is `test_<unique>`, its secret `<key>_secret`."""
        return SandboxCompany.new(self.url, self._control)

    def control(
        self, method: str, path: str, *, json: Mapping[str, object] | None = None, **query: str | float
    ) -> dict[str, Any]:
        """What the sandbox's control API offers for all companies at once, such as its clock.

        Args:
            method: `GET`, `POST`, `PUT` or `DELETE`.
            path: Below `/_sandbox/`, such as `clock`.
            json: The body.
            **query: Parameters.

        Raises:
            ValueError: The sandbox refused; the message has its reasons.
        """
        return self._control.ask(method, path, json=json, **query)

    def stop(self) -> None:
        """End the server; its data is gone. Harmless when it is stopped."""
        self._running.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def start_sandbox() -> LocalSandbox:
    """A sandbox that serves on a free port of this machine, in a thread of this process.

    Its clock moves on with the waits that `no_waiting` skips, so that a rate limit is over after them.

    Raises:
        ModuleNotFoundError: The extra `havn-sdk[sandbox]` is missing.
    """
    with sandbox_extra():
        from havn_ext.sandbox import SandboxConfig, SandboxServer  # noqa: PLC0415  the extra may be missing
    with ExitStack() as stack:
        server = stack.enter_context(SandboxServer(SandboxConfig(seed="none", clock=sandbox_now)))
        control = stack.enter_context(Control.of(server.url))
        return LocalSandbox(server.url, control, stack.pop_all())
