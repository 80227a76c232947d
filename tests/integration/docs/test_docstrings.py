"""The examples of the public docstrings run: what an editor shows on hover is as true as a page.

An example is an indented block of Python, a fenced one, or a `>>>` session with its answers.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import os
from contextlib import asynccontextmanager, nullcontext
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import flask
import httpx
import pytest
from docs_examples import EXAMPLES, SESSIONS, Example
from fastapi import FastAPI

import havn
import havn_ext.integrations.celery
import havn_ext.integrations.fastapi
import havn_ext.outbox
import havn_ext.sandbox
import havn_ext.testing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import CodeType

    from havn_ext.sandbox import SandboxServer

REDIS = "redis://127.0.0.1:6379/0"
RUN_ELSEWHERE = {"havn_ext.integrations.django", "havn_ext.integrations.django.Outbox"}
"""In a Django project: `test_django_page`."""


def a_shop(folder: Path) -> dict[str, Any]:
    """A shop's database, with the outbox's tables, and a payment to be stored."""
    from sqlalchemy import Column, Integer, create_engine, orm

    base: Any = orm.declarative_base()
    payment = type("Payment", (base,), {"__tablename__": "payment", "id": Column(Integer, primary_key=True)})
    havn_ext.outbox.outbox_tables(base.metadata)
    engine = create_engine(f"sqlite:///{folder}/shop.db")
    base.metadata.create_all(engine)
    return {"engine": engine, "payment": payment(), "Session": orm.Session}


def an_outbox(folder: Path) -> dict[str, Any]:
    """The class that the example is of, and a shop."""
    return {**a_shop(folder), "Outbox": havn_ext.outbox.Outbox, "outbox": havn_ext.outbox.Outbox()}


def an_async_outbox(folder: Path) -> dict[str, Any]:
    """The same for asyncio."""
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/shop.db")
    given = {"engine": engine, "AsyncSession": AsyncSession, "AsyncOutbox": havn_ext.outbox.AsyncOutbox}
    return {**a_shop(folder), **given}


def a_worker(folder: Path) -> dict[str, Any]:
    """A worker that ends when nothing is due, in place of one that goes on until it is told to stop."""

    class Worker(havn_ext.outbox.Worker):
        async def run(self) -> Any:
            return await self.drain()

    a_shop(folder)
    database = havn_ext.outbox.SQLAlchemyDatabase(f"sqlite:///{folder}/shop.db")
    others = {name: getattr(havn_ext.outbox, name) for name in ("Store", "ClientSender")}
    return {**others, "Worker": Worker, "SQLAlchemyDatabase": lambda _: database}


def an_answer(_: Path) -> dict[str, Any]:
    """What HAVN answered."""
    return {"answer": SimpleNamespace(status=200, headers={})}


def a_client(_: Path) -> dict[str, Any]:
    """A client of the sandbox, and the names of the package."""
    client = havn.HAVNClient()
    names = {name: getattr(havn_ext.testing, name) for name in havn_ext.testing.__all__}
    return {**names, "client": client, "HAVNClient": havn.HAVNClient, "httpx": httpx}


def a_limited_client(folder: Path) -> dict[str, Any]:
    """A client whose next call is answered by 429, to be tried again after two seconds."""
    given = a_client(folder)
    fault = {"kind": "status", "status": 429, "retry_after": 2, "times": 1}
    httpx.post(f"{os.environ['HAVN_BASE_URL']}/_sandbox/faults", json=fault).raise_for_status()
    return given


def a_lifespan(_: Path) -> dict[str, Any]:
    """What else lives as long as the app."""
    lifespan = havn_ext.integrations.fastapi.havn_lifespan
    return {"asynccontextmanager": asynccontextmanager, "havn_lifespan": lifespan, "database": nullcontext}


def key_ranges(_: Path) -> dict[str, Any]:
    """Five users, by their ids."""
    return {
        "KeyRanges": havn_ext.integrations.celery.KeyRanges,
        "first_and_last_id": lambda: (1, 5),
        "select_between": lambda start, end: [
            {"email": f"{n}@example.com", "name": "A"} for n in range(start, end)
        ],
    }


def a_test_case(_: Path) -> dict[str, Any]:
    """Django, and the class that goes before Django's."""
    django = pytest.importorskip("django")
    pytest.importorskip("django.test")
    return {"HAVNSandboxTestCase": havn_ext.testing.HAVNSandboxTestCase, "django": django}


GIVEN: dict[str, Callable[[Path], dict[str, Any]]] = {
    "havn_ext.integrations.celery": an_outbox,
    "havn_ext.integrations.celery.KeyRanges": key_ranges,
    "havn_ext.integrations.fastapi": lambda _: {"FastAPI": FastAPI, "NewUser": dict[str, str]},
    "havn_ext.integrations.fastapi.havn_lifespan": a_lifespan,
    "havn_ext.integrations.flask": lambda _: {"Flask": flask.Flask, "app": flask.Flask("shop")},
    "havn_ext.limits": an_answer,
    "havn_ext.outbox": an_outbox,
    "havn_ext.outbox.AsyncOutbox": an_async_outbox,
    "havn_ext.outbox.Outbox": an_outbox,
    "havn_ext.outbox.Worker": a_worker,
    "havn_ext.sandbox.SandboxServer": lambda _: {
        "SandboxServer": havn_ext.sandbox.SandboxServer, "HAVNClient": havn.HAVNClient
    },
    "havn_ext.testing.HAVNSandboxTestCase": a_test_case,
    "havn_ext.testing.SandboxTransport": a_client,
    "havn_ext.testing.no_waiting": a_limited_client,
    "havn_ext.testing.recorded_requests": a_client,
}  # fmt: skip
"""What an example takes for granted, by its owner."""


def use_lifespan(made: dict[str, Any]) -> None:
    """An app with it has the client, and what else the lifespan yields."""
    app = FastAPI(lifespan=made["lifespan"])

    async def state() -> dict[str, Any]:
        async with app.router.lifespan_context(app) as found:
            return dict(found or {})

    found = asyncio.run(state())
    assert "db" in found
    assert any(isinstance(each, havn.AsyncHAVNClient) for each in found.values())


def use_customers(made: dict[str, Any]) -> None:
    """All five are in one part."""
    ranges = made["customers"]()
    (part,) = ranges.parts()
    assert len(ranges.users(part)) == 5


def use_test_case(made: dict[str, Any]) -> None:
    """Ours comes before Django's, whose transaction around each test it has all the same."""
    ours, djangos = made["HAVNSandboxTestCase"], made["django"].test.TestCase
    order = made["CheckoutTest"].__mro__
    assert order.index(ours) < order.index(djangos)


USED: dict[str, Callable[[dict[str, Any]], None]] = {
    "havn_ext.integrations.celery.KeyRanges": use_customers,
    "havn_ext.integrations.fastapi.havn_lifespan": use_lifespan,
    "havn_ext.testing.HAVNSandboxTestCase": use_test_case,
}
"""What is done with what an example only defines."""


def given_to(owner: str, folder: Path) -> dict[str, Any]:
    """What an example takes for granted; most take nothing."""
    return GIVEN[owner](folder) if owner in GIVEN else {}


@pytest.mark.parametrize(
    "example", [each for each in EXAMPLES if each.owner not in RUN_ELSEWHERE], ids=lambda each: each.owner
)
def test_an_example_runs(
    example: Example,
    sandbox: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """As it stands, against a sandbox; what it takes for granted is given."""
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("API_KEY", "havn_test_key"),
        ("WEBHOOK_SECRET", "havn_test_secret"),
        ("BASE_URL", sandbox.url),
    ):
        monkeypatch.setenv(f"HAVN_{name}", value)
    namespace = {"asyncio": asyncio, **given_to(example.owner, tmp_path)}
    text = example.code
    if REDIS in text:
        text = text.replace(REDIS, request.getfixturevalue("redis_address"))
    code = compile(text, example.owner, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(awaited(code, namespace))
    else:
        exec(code, namespace)  # noqa: S102  that is the test
        USED.get(example.owner, bool)(namespace)
        if "engine" in namespace:
            namespace["engine"].dispose()


async def awaited(code: CodeType, namespace: dict[str, Any]) -> None:
    """Run what awaits, and close the database that it was given and the store that it made."""
    await eval(code, namespace)  # noqa: S307  that is the test
    if "engine" in namespace:
        await namespace["engine"].dispose()
    if "store" in namespace:
        await namespace["store"].close()


def test_a_session_answers_what_it_shows() -> None:
    """What stands below a `>>>` line is what it gives."""
    for owner, text in SESSIONS:
        module = import_module(owner.rpartition(".")[0])
        test = doctest.DocTestParser().get_doctest(text, dict(vars(module)), owner, None, None)
        assert doctest.DocTestRunner().run(test).failed == 0, owner


def test_there_are_examples() -> None:
    """The pattern of an example finds those that everybody reads first."""
    found = {each.owner for each in EXAMPLES}
    assert {"havn_ext", "havn_ext.outbox", "havn_ext.limits", *RUN_ELSEWHERE, *GIVEN, *USED} <= found
