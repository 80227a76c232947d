"""`docs/en/django.md` says what is true: its blocks are the files of a project that reports an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from docs_commands import commands_of, perform
from docs_examples import EXAMPLES
from docs_support import DOCS, Block, blocks_of, read

if TYPE_CHECKING:
    from pathlib import Path

    from havn_ext.sandbox import SandboxServer

pytest.importorskip("django")

PAGE = DOCS / "en" / "django.md"

MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
execute_from_command_line(sys.argv)
"""
SETTINGS = """
import os
{}
INSTALLED_APPS += ["shop"]
SECRET_KEY = "of a test"
ROOT_URLCONF = "shop.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db",
                           "OPTIONS": {{"transaction_mode": "IMMEDIATE"}}}}}}
"""
MODELS = """
from django.db import models

class Order(models.Model):
    cents = models.IntegerField()
    payment_id = models.TextField()
    email = models.EmailField()
    referral_code = models.TextField()
"""
VIEWS = """
from asgiref.sync import sync_to_async
from django.http import HttpResponse
from shop.models import Order
from shop.payments import paid

async def pay(request, payment_id):
    order = Order(
        cents=int(request.POST["amount"]), payment_id=payment_id,
        email="customer@example.com", referral_code="HAVN-MJ-001",
    )
    {}
    return HttpResponse(status=201)
"""
URLS = """
from django.urls import path
from shop.views import pay

urlpatterns = [path("orders/<payment_id>", pay)]
"""
ORDER = """
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
print(Client().post("/orders/pay_1", {"amount": 1000}).status_code)
"""
GRANTED = """
import django
django.setup()
from django.db import transaction
from havn_ext.integrations.django import outbox
from shop.models import Order

order = Order(cents=10000, payment_id="pay_2", email="customer@example.com", referral_code="HAVN-MJ-001")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Django project whose files are the page's blocks, and around them no more than any project has."""
    settings, payments, call, tests = (block.code for block in blocks_of(PAGE) if block.language == "python")
    shop = tmp_path / "shop"
    shop.mkdir()
    files = {
        "settings": SETTINGS.format(settings),
        "models": MODELS,
        "payments": payments,
        "views": VIEWS.format(call),
        "urls": URLS,
        "tests": tests,
        "__init__": "",
    }
    for name, text in files.items():
        (shop / f"{name}.py").write_text(text)
    (tmp_path / "manage.py").write_text(MANAGE)
    (tmp_path / "order.py").write_text(ORDER)
    return tmp_path


def test_the_docstrings_of_the_package_run(project: Path, sandbox: SandboxServer) -> None:
    """What they take for granted is an order of the shop."""
    examples = [each.code for each in EXAMPLES if each.owner.startswith("havn_ext.integrations.django")]
    assert len(examples) == 2
    with read(PAGE, project, sandbox) as page:
        page.environment["DJANGO_SETTINGS_MODULE"] = "shop.settings"
        page.shell("python manage.py makemigrations shop && python manage.py migrate")
        for code in (GRANTED, *examples):
            page.python(Block("python", code, 1, -1))
        assert '"counts": {"due": 1}' in page.shell("python manage.py havn_outbox status --json")


def test_the_project_of_the_page_reports_an_order(project: Path, sandbox: SandboxServer) -> None:
    """It has nothing to be mended, its test passes, an order is taken, and its worker reports it."""
    with read(PAGE, project, sandbox) as page:
        page.environment["DJANGO_SETTINGS_MODULE"] = "shop.settings"
        assert "no issues" in page.shell("python manage.py check")
        assert "havn.E002" in page.shell("env -u HAVN_API_KEY python manage.py check 2>&1 || true")
        page.shell("python manage.py makemigrations shop && python manage.py migrate && python manage.py test")
        assert page.shell("python order.py") == "201\n"
        assert '"counts": {"due": 1}' in page.shell("python manage.py havn_outbox status --json")
        for block in blocks_of(PAGE):
            if block.language == "console":
                for command in commands_of(block):
                    perform(page, command)
        assert '"depth": 0' in page.shell("python manage.py havn_outbox status --json")
