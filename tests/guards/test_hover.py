"""What an editor shows when one points at a call, a class or a field: asked of a real language server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SECONDS: Final = 120
CODE: Final = """\
from celery import Celery
from sqlalchemy.orm import Session

from havn import AsyncHAVNClient, HAVNClient, HAVNRateLimitError, RetryEvent, VoucherPage
from havn_ext.integrations.celery import configure
from havn_ext.limits import AsyncRateLimiter
from havn_ext.outbox import ClientSender, Outbox, Store, Worker
from havn_ext.testing import SandboxCompany

client = HAVNClient(timeout=5)
other = AsyncHAVNClient()
configure(Celery(), sweep_every=2)

async def deliver(outbox: Outbox, session: Session, store: Store, limiter: AsyncRateLimiter) -> None:
    outbox.transaction(session, amount=1)
    await Worker(store, ClientSender(), lease=90, limiter=limiter).drain(50)
    store.purge(keep_keys=0)
    await limiter.reserve("default", "createLoginLink")

def go_wrong(company: SandboxCompany) -> None:
    company.add_fault("delay", delay=2)
    company.async_client(test_mode=True)

def blocking() -> None:
    result = client.transactions.send(amount=1)
    result.total_commission
    result.commissions[0].rate
    client.users.sync_many([])
    client.vouchers.validate("HAVN-A")
    client.with_options(timeout=1)

async def asynchronous() -> None:
    await other.auth.login("ada@example.com")
    (await other.transactions.send(1)).transaction.amount

def told(event: RetryEvent, error: HAVNRateLimitError, page: VoucherPage) -> None:
    event.wait
    error.retry_after
    page.data[0].value
"""
SHOWN: Final = {
    # what one points at: some of the words that must appear
    "HAVNClient(": ["timeout: Seconds, above 0", "HAVN_API_KEY", "HAVNValidationError"],
    "send(amount": ["1 to 1 000 000 000", "minor units", "HAVNConflictError", "amount: int"],
    "total_commission": ["US cents", "int"],
    "rate": ["fraction (0.05 is five percent)"],
    "sync_many": ["-> UserSyncStream", "at most 50", "1 to 100"],
    "validate": ["-> bool", "minor units", "HAVNUnprocessableError"],
    "with_options": ["-> HAVNClient", "0 to 100", "Seconds"],
    "login": ["-> Awaited[str]", "twenty calls a minute", "HAVNNotFoundError"],
    "amount\n": ["minor units of `currency`"],
    "wait\n": ["Seconds until the next one"],
    "retry_after": ["Seconds that HAVN asks to wait"],
    "value": ["Basis points for a percentage"],
    "configure(": ["sweep_every: Seconds", "timeout: Seconds", "HAVNOutboxError", "-> OutboxTasks"],
    "transaction(session": ["Minor units", "At most 200 characters", "HAVNOutboxConflictError", "-> int"],
    "Worker(": ["lease: Seconds", "poll: Seconds", "HAVNValidationError"],
    "drain": ["max_seconds", "Tally"],
    "purge": ["keep_keys: Seconds", "-> Purged"],
    "reserve": ["Seconds to wait", "float | Refused"],
    "add_fault": ["delay` and `duration` (seconds)", "reset_after", "ValueError"],
    "async_client": ["ClientOptions", "-> AsyncHAVNClient"],
}


class Editor:
    """Speaks the language server protocol to basedpyright, as an editor with one open file."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server = server
        self._asked = 0

    def tell(self, method: str, **parameters: Any) -> None:
        """Sends a notification."""
        self._send({"method": method, "params": parameters})

    def ask(self, method: str, **parameters: Any) -> Any:
        """The answer to a request; what the server asks meanwhile gets none of its wishes."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if "method" not in message and message["id"] == self._asked:
                return message["result"]
            if "method" in message and "id" in message:
                wishes = message["params"].get("items", ()) if message.get("params") else ()
                self._send({"id": message["id"], "result": [None for _ in wishes] or None})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        length = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """An editor with the code above open in the root of the tree; nothing is written there."""
    program = Path(sys.executable).with_name("basedpyright-langserver")
    if not program.exists():
        pytest.skip("basedpyright is not installed beside this Python")
    server = subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)  # noqa: S603  a program of ours
    watchdog = Timer(SECONDS, server.kill)
    watchdog.start()
    with server:
        editor = Editor(server)
        root = {"uri": ROOT.as_uri(), "name": "havn"}
        editor.ask("initialize", processId=None, rootUri=ROOT.as_uri(), capabilities={}, workspaceFolders=[root])
        editor.tell("initialized")
        document = {"uri": URI, "languageId": "python", "version": 1, "text": CODE}
        editor.tell("textDocument/didOpen", textDocument=document)
        yield editor
        watchdog.cancel()
        server.kill()


URI: Final = (ROOT / "open_in_the_editor.py").as_uri()


@pytest.mark.parametrize(("place", "words"), SHOWN.items(), ids=[place.strip("(\n") for place in SHOWN])
def test_hovering_shows_units_limits_and_errors(editor: Editor, place: str, words: list[str]) -> None:
    """Pointing at a call shows its arguments' units and limits and its errors; at a field, its unit."""
    before = CODE[: CODE.rindex(place)]
    position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2]) + 1}
    shown = editor.ask("textDocument/hover", textDocument={"uri": URI}, position=position)
    text = json.dumps(shown, ensure_ascii=False).replace("\\\\", "")
    assert [word for word in words if word not in text] == [], text
