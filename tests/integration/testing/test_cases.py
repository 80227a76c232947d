"""`HAVNSandboxTestCase`, run by unittest itself."""

from __future__ import annotations

import threading
import unittest
from typing import Any

from havn import HAVNError
from havn_ext.testing import HAVNSandboxTestCase

VOUCHER = "HAVN-AQNEO-S08-ABC123"


def run(*cases: type[unittest.TestCase]) -> unittest.TestResult:
    """The outcome of all tests of these classes."""
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    result = unittest.TestResult()
    unittest.TestSuite(map(load, cases)).run(result)
    return result


def test_each_test_has_a_company_and_the_class_a_sandbox() -> None:
    """Tests of a class share a server and no data, and it ends with the class."""
    seen: list[Any] = []

    class Case(HAVNSandboxTestCase):
        def test_one(self) -> None:
            self.havn_sandbox.seed()
            assert self.havn_client.vouchers.validate(VOUCHER)
            seen.append(self.havn_sandbox)

        test_two = test_one

    before = set(threading.enumerate())
    result = run(Case)
    assert (result.testsRun, result.errors, result.failures) == (2, [], [])
    assert seen[0].url == seen[1].url
    assert seen[0].api_key != seen[1].api_key
    assert set(threading.enumerate()) <= before


def test_clients_are_closed_after_the_test() -> None:
    """Both clients refuse calls once their test is over."""
    clients: list[Any] = []

    class Case(HAVNSandboxTestCase):
        def test_one(self) -> None:
            clients.extend([self.havn_client, self.async_havn_client])

    assert run(Case).wasSuccessful()
    assert all(client._pool._closed for client in clients)


def test_it_goes_with_async_cases() -> None:
    """Together with unittest's own async class, coroutines are tests."""

    class Case(HAVNSandboxTestCase, unittest.IsolatedAsyncioTestCase):
        async def test_one(self) -> None:
            self.havn_sandbox.seed()
            assert await self.async_havn_client.vouchers.validate(VOUCHER)

    result = run(Case)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_a_failing_test_ends_the_sandbox_too() -> None:
    """Whatever a test does, nothing is left running."""

    class Case(HAVNSandboxTestCase):
        def test_one(self) -> None:
            _ = self.havn_client
            raise HAVNError("on purpose")

    before = set(threading.enumerate())
    assert len(run(Case).errors) == 1
    assert set(threading.enumerate()) <= before
