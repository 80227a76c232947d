"""`docs/en/outbox-in-your-framework.md` says what is true: its shops run, and what they promise is kept."""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from havn_ext.outbox import ClientSender, SQLAlchemyDatabase, Store, Worker
from havn_ext.testing import start_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.testing import SandboxCompany

DOCS = Path(__file__).parents[3] / "docs" / "en"
PAGE = (DOCS / "outbox-in-your-framework.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^## (\w+)\n\n```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PAID = {"id": "pay_1", "cents": 10_000, "customer": "c_1"}
WRONG = {**PAID, "id": "pay_2", "cents": -1}


@pytest.fixture
def company() -> Iterator[SandboxCompany]:
    """A company in HAVN's place."""
    sandbox = start_sandbox()
    yield sandbox.company()
    sandbox.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A working folder for the shop's database."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def shop(name: str) -> dict[str, Any]:
    """The module that a block is."""
    (block,) = (text for heading, text in BLOCKS if heading == name)
    namespace: dict[str, Any] = {"__name__": f"shop_{name.lower()}"}
    exec(compile(block, f"{name}.py", "exec", dont_inherit=True), namespace)  # noqa: S102  that is the test
    return namespace


def deliver(company: SandboxCompany) -> list[str]:
    """Has a worker deliver what is due; the verdicts of the sandbox."""
    account: Any = {
        "api_key": company.api_key,
        "webhook_secret": company.webhook_secret,
        "base_url": company.url,
    }
    with closing(SQLAlchemyDatabase("sqlite:///shop.db")) as database:
        asyncio.run(Worker(Store(database), ClientSender({"default": account})).drain())
    return [entry["verdict"] for entry in company.requests(operation="sendTransaction")]


def test_the_page_has_both_shops() -> None:
    """The blocks that the tests below run are there."""
    assert [heading for heading, _ in BLOCKS] == ["Flask", "FastAPI"]


def test_flask(company: SandboxCompany, folder: Path) -> None:
    """A payment is reported once; one that HAVN would refuse is refused with its fields, and kept nowhere."""
    module = shop("Flask")
    browser = module["app"].test_client()
    assert browser.post("/payments", json=PAID).status_code == 201
    refused = browser.post("/payments", json=WRONG)
    assert (refused.status_code, list(refused.json["errors"])) == (400, ["amount"])
    assert deliver(company) == ["ok"]
    module["engine"].dispose()
    assert (folder / "shop.db").exists()


def test_fastapi(company: SandboxCompany, folder: Path) -> None:
    """A payment is reported once; one that HAVN would refuse raises, and is kept nowhere."""
    import httpx

    from havn_ext import HAVNValidationError

    module = shop("FastAPI")

    async def order() -> None:
        transport = httpx.ASGITransport(module["app"])
        async with (
            module["lifespan"](module["app"]),
            httpx.AsyncClient(transport=transport, base_url="http://shop") as browser,
        ):
            assert (await browser.post("/payments", json=PAID)).status_code == 201
            with pytest.raises(HAVNValidationError, match="amount"):
                await browser.post("/payments", json=WRONG)

    asyncio.run(order())
    assert deliver(company) == ["ok"]
    assert (folder / "shop.db").exists()


@pytest.mark.usefixtures("folder")
def test_the_first_example_of_the_outbox(company: SandboxCompany) -> None:
    """The example that `docs/en/outbox.md` begins with enqueues a sale, which a worker delivers."""
    company.seed()
    page = (DOCS / "outbox.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    module: dict[str, Any] = {}
    exec(compile(block, "outbox.md", "exec", dont_inherit=True), module)  # noqa: S102  that is the test
    module["engine"].dispose()
    assert deliver(company) == ["ok"]
