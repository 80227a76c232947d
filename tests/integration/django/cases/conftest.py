"""The shop for its own tests: migrated once, and emptied before each of them."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.conf import settings

django.setup()

from django.core.management import call_command  # noqa: E402  needs the set-up
from django.db import connection, connections  # noqa: E402  as above
from django.test import override_settings  # noqa: E402  as above
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402  as above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from havn_ext.testing import SandboxCompany


@pytest.fixture(scope="session", autouse=True)
def migrated() -> Iterator[None]:
    """The shop's tables, in both databases."""
    setup_test_environment()
    for alias in ("default", "other"):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
    yield
    teardown_test_environment()
    connections.close_all()


@pytest.fixture(autouse=True)
def empty(migrated: None) -> None:
    """Nothing is left of the test before."""
    del migrated
    users = ("django_admin_log", "auth_user_user_permissions", "auth_user")
    tables = ("havn_outbox", "havn_outbox_pause", "shop_order", *users)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours


@pytest.fixture
def havn() -> Callable[..., Any]:
    """Types `manage.py havn_outbox ... --json`; gives the document."""

    def typed(*arguments: str) -> Any:
        out = StringIO()
        call_command("havn_outbox", *arguments, "--json", stdout=out)
        return json.loads(out.getvalue())

    return typed


@pytest.fixture
def sandboxed(havn_sandbox: SandboxCompany) -> Iterator[SandboxCompany]:
    """The shop's settings lead to a company of the sandbox."""
    havn_sandbox.seed()
    options = {
        "API_KEY": havn_sandbox.api_key,
        "WEBHOOK_SECRET": havn_sandbox.webhook_secret,
        "BASE_URL": havn_sandbox.url,
    }
    with override_settings(HAVN={**settings.HAVN, **options}):
        yield havn_sandbox
