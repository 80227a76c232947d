"""A Django shop with an outbox, in a process of its own for each database: settings are a process's for good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from outbox_support import postgres_database

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
TESTS = HERE.parents[1]


def environment(database: dict[str, object]) -> dict[str, str]:
    """That of a process of the shop's."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "integration.django.shop.settings",
        "HAVN_SHOP_DATABASE": json.dumps(database),
        "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]),
    }


def run_cases(cases: list[str], database: dict[str, object]) -> None:
    """Runs the shop's own tests on a database; what they say is shown when one of them fails."""
    paths = [str(HERE / "cases" / f"test_{name}.py") for name in cases]
    run = subprocess.run(  # noqa: S603  our own tests
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths],
        cwd=TESTS.parent,
        env=environment(database),
        timeout=600,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout


CASES = sorted(path.stem.removeprefix("test_") for path in (HERE / "cases").glob("test_*.py"))


@pytest.fixture(scope="module")
def postgres() -> Iterator[dict[str, object]]:
    """A PostgreSQL database as Django's settings have it."""
    with postgres_database() as url:
        yield {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.database,
            "USER": url.username or "",
            "PASSWORD": url.password or "",
            "HOST": url.host or str(url.query.get("host", "")),
            "PORT": url.port or "",
        }


def test_there_are_cases() -> None:
    """Each part of the app has its cases."""
    assert {"admin", "checks", "command", "enqueueing", "tables"} <= set(CASES)


def test_the_shop_on_sqlite(tmp_path: Path) -> None:
    """All of the app holds on SQLite."""
    options = {"transaction_mode": "IMMEDIATE", "timeout": 30}
    run_cases(
        CASES, {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "shop.db"), "OPTIONS": options}
    )


def test_the_shop_on_postgresql(postgres: dict[str, object]) -> None:
    """All of the app holds on PostgreSQL."""
    run_cases(CASES, postgres)


WITHOUT_SQLALCHEMY = """
import sys
sys.modules["sqlalchemy"] = None
from django.core.management import call_command, execute_from_command_line
import django
django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)
from integration.django.shop.views import place
place("pay_1", 1000)
execute_from_command_line(["manage.py", "havn_outbox", "status", "--json"])
from havn_ext.integrations.django import sender, store
from havn_ext.outbox.worker import Worker
Worker(store(), sender())
"""


def test_django_needs_no_sqlalchemy() -> None:
    """Enqueueing, the command and the worker do without SQLAlchemy, which the extra does not bring."""
    memory: dict[str, object] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    run = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", WITHOUT_SQLALCHEMY],
        env=environment(memory),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, json.loads(run.stdout)["depth"]) == (0, 1), run.stderr


def test_a_missing_django_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Django the first name says which extra to install."""
    import havn_ext.integrations.django as package

    for name in [name for name in sys.modules if name.partition(".")[0] == "django"]:
        monkeypatch.delitem(sys.modules, name)
    for module in ("conf", "database", "enqueueing", "referrals"):
        monkeypatch.delitem(sys.modules, f"{package.__name__}.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "django", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'havn-sdk\[django\]'"):
        _ = package.outbox
