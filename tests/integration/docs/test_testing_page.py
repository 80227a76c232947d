"""`docs/en/testing.md` and the README say what is true: each example of a test runs as a file of a user's own."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from docs_support import DOCS, ROOT, blocks_of

from havn_ext.testing import SentRequest, assert_transaction_reported

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

PAGE = DOCS / "en" / "testing.md"

DJANGO_SETTINGS = """
import django
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
"""


def blocks(path: Path, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return [block.code for block in blocks_of(path) if block.language == language]


def name(block: str) -> str:
    """What a block is about: its first test or class."""
    found = re.search(r"(?:def (test_\w+)|class (\w+))", block)
    return (found[1] or found[2]) if found else ""


PYTHON = blocks(PAGE, "python")
README = [block for block in blocks(ROOT / "README.md", "python") if "def test_" in block]


@pytest.mark.parametrize("block", PYTHON + README, ids=name)
def test_each_block_is_a_file_of_tests(block: str, pytester: pytest.Pytester, session: Any) -> None:
    """Each Python block passes under pytest, with warnings as errors."""
    if "django" in block:
        if importlib.util.find_spec("django") is None:
            pytest.skip("Django is not installed")
        pytester.makeconftest(DJANGO_SETTINGS)
    pytester.makepyfile(test_example=block)
    tests = len(re.findall(r"def test_", block))
    session("-p", "anyio.pytest_plugin", "-W", "error").assert_outcomes(passed=tests)


@pytest.mark.parametrize("block", [block for block in PYTHON if "import unittest" in block], ids=name)
def test_unittest_runs_its_blocks(block: str, pytester: pytest.Pytester, session: Any) -> None:
    """The blocks about unittest pass without pytest."""
    assert callable(session)  # for the environment that it sets
    path = pytester.makepyfile(test_example=block)
    run = subprocess.run(  # noqa: S603  our own document
        [sys.executable, "-W", "error", "-m", "unittest", path.stem],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert f"Ran {len(re.findall(r'def test_', block))} test" in run.stderr


def test_the_first_example_has_ten_lines() -> None:
    """The example that the page begins with takes no more than ten lines."""
    assert len(PYTHON[0].splitlines()) <= 10
    assert "havn_client" in PYTHON[0]


def test_the_near_miss_is_printed_as_shown() -> None:
    """The failure that the page shows is what such a failure prints."""
    body = {"amount": 9900, "payment_gateway_transaction_id": "pay_1"}
    record = SentRequest(
        "POST", "/api/v1/webhook/transaction", "sendTransaction", {}, body, {}, attempt=1, status=201
    )
    with pytest.raises(AssertionError) as failure:
        assert_transaction_reported([record], payment_id="pay_1", amount=10000)
    assert blocks(PAGE, "text")[0] == f"AssertionError: {failure.value}\n"
