"""The fixtures for unittest, and so for Django's test cases."""

from __future__ import annotations

import unittest
from functools import cached_property
from typing import TYPE_CHECKING

from havn_ext.testing.loose_client import loose_async_client
from havn_ext.testing.server import start_sandbox

if TYPE_CHECKING:
    from typing import ClassVar

    from havn_ext.client import AsyncHAVNClient, HAVNClient
    from havn_ext.testing.company import SandboxCompany
    from havn_ext.testing.server import LocalSandbox

__all__ = ["HAVNSandboxTestCase"]


class HAVNSandboxTestCase(unittest.TestCase):
    """One sandbox for the class, one company for each test. Goes before other test case classes.

        class CheckoutTest(HAVNSandboxTestCase, django.test.TestCase): ...

    A `setUpClass` of your own calls `super().setUpClass()`.

    Raises:
        ModuleNotFoundError: The extra `havn-sdk[sandbox]` is missing.
    """

    _local_sandbox: ClassVar[LocalSandbox]

    @classmethod
    def setUpClass(cls) -> None:
        """Start the sandbox, which ends after the last test of the class."""
        super().setUpClass()
        cls._local_sandbox = cls.enterClassContext(start_sandbox())

    @cached_property
    def havn_sandbox(self) -> SandboxCompany:
        """The test's company, empty at first."""
        return self._local_sandbox.company()

    @cached_property
    def havn_client(self) -> HAVNClient:
        """A client of the test's company, closed after the test."""
        return self.enterContext(self.havn_sandbox.client())

    @cached_property
    def async_havn_client(self) -> AsyncHAVNClient:
        """An async client of the test's company, for any event loop; closed after the test."""
        return self.enterContext(loose_async_client(self.havn_sandbox))
