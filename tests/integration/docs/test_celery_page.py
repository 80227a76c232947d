"""`docs/en/celery.md` says what is true: its blocks are the files of a shop, whose tasks deliver and sync."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from docs_commands import commands_of, perform
from docs_support import DOCS, Block, blocks_of, read

if TYPE_CHECKING:
    from pathlib import Path

    from havn_ext.sandbox import SandboxServer

pytest.importorskip("celery")

PAGE = DOCS / "en" / "celery.md"
CHANGES = {
    "postgresql+psycopg://host/shop": "sqlite:///shop.db",
    "amqp://guest:guest@127.0.0.1:5672//": "memory://",  # tests/integration/celery has RabbitMQ and Redis
}

USERS = """
stored = []


def first_and_last_id():
    return 0, 119


def between(start, end):
    return [{"email": f"user{number}@shop.example", "name": f"User {number}"} for number in range(start, end)]


def store_code(result):
    stored.append(result.user.email)
"""
"""What the page leaves to the shop, in place of its three dots."""

TELL_ME = """
ended = []


@app.task(name="shop.tell_me")
def tell_me(name):
    ended.append(name)
"""

SALE = """
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import Session
from havn_ext.outbox import outbox_tables
from shop.payments import outbox
from shop.tasks import app, syncs

metadata = MetaData()
outbox_tables(metadata)
engine = create_engine("sqlite:///shop.db")
metadata.create_all(engine)
syncs.create_tables()
app.conf.task_always_eager = True
with Session(engine) as session, session.begin():
    outbox.transaction(session, amount=10000, payment_gateway_transaction_id="pay_1", customer_id="c_1")
app.tasks["havn.outbox.drain"].delay()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The files that the page's blocks name in their first lines, and what they leave to the shop."""
    folder = tmp_path / "shop"
    folder.mkdir()
    files = {"__init__.py": "", "payments.py": "", "tasks.py": "", "customers.py": ""}
    for block in blocks_of(PAGE):
        if block.language == "python" and block.code.startswith("# "):
            place = block.code.splitlines()[0].removeprefix("# shop/")
            files[place if place in files else "payments.py"] += block.code
    for name, text in files.items():
        for there, here in CHANGES.items():
            text = text.replace(there, here)  # noqa: PLW2901  the file as it is here
        (folder / name).write_text(text)
    with (folder / "customers.py").open("a") as customers:
        customers.write(USERS)
    with (folder / "tasks.py").open("a") as tasks:
        tasks.write(TELL_ME)
    return tmp_path


def test_the_shop_of_the_page_delivers_and_syncs(shop: Path, sandbox: SandboxServer) -> None:
    """Its task delivers a sale; its sync reaches every user, stores each code, and tells that it has ended."""
    last = [block for block in blocks_of(PAGE) if block.language == "python"][-1]
    with read(PAGE, shop, sandbox, **CHANGES) as page:
        page.python(Block("python", SALE, 1, -1))
        page.python(Block("python", "from shop.tasks import syncs\nfrom shop import customers, tasks", 1, -1))
        page.python(Block("python", last.code.splitlines()[0], last.line, -1))
        ended = 'print(len(customers.stored), tasks.ended, syncs.status("november").report.succeeded)'
        assert page.python(Block("python", ended, 1, -1)) == "120 ['november'] 120\n"
        page.python(last)
    sent = [request["operation"] for request in requests_of(sandbox)]
    assert sent.count("sendTransaction") == 1


def requests_of(sandbox: SandboxServer) -> list[dict[str, str]]:
    """What the sandbox was asked."""
    import httpx

    found: list[dict[str, str]] = httpx.get(f"{sandbox.url}/_sandbox/requests").json()["requests"]
    return found


def test_the_commands_of_the_page_start(shop: Path, sandbox: SandboxServer) -> None:
    """A worker and a beat begin to serve."""
    with read(PAGE, shop, sandbox, **CHANGES) as page:
        page.shell("havn outbox create-tables --database sqlite:///shop.db")
        for block in blocks_of(PAGE):
            if block.language == "console":
                for command in commands_of(block):
                    perform(page, command)


def test_every_block_is_a_file_or_the_last_one() -> None:
    """No block of the page is run by nobody."""
    python = [block for block in blocks_of(PAGE) if block.language == "python"]
    assert [bool(re.match(r"# \w", block.code)) for block in python] == [True] * (len(python) - 1) + [False]
