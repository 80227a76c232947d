from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest

from havn_ext.sandbox import SandboxServer
from havn_ext.testing import SandboxCompany
from havn_ext.testing.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

EXAMPLES = Path(__file__).parents[3] / "examples"
PATIENCE = 60.0


@attrs.frozen
class Sandbox:
    """What `havn sandbox` starts, with its demo data: HAVN for every example."""

    company: SandboxCompany

    def sent(self) -> list[dict[str, Any]]:
        """The bodies of all transactions, in order, taken or not."""
        return [_json(entry["request"]) for entry in self._entries()]

    def reported(self) -> dict[str, dict[str, Any]]:
        """What the sandbox answered to each transaction that it took, by payment id, in order."""
        return {
            _json(entry["request"])["payment_gateway_transaction_id"]: _json(entry["answer"])
            for entry in self._entries()
            if entry["status"] in {200, 201}
        }

    def page_of(self, payment_id: str) -> str:
        """The text of the page on which a person sees a transaction and its commissions."""
        number = self.reported()[payment_id]["transaction"]["transaction_id"]
        with httpx.Client(base_url=self.company.url, trust_env=False) as browser:
            page = browser.get(f"/_sandbox/inspector/transactions/{number}")
        assert page.status_code == 200, page.text
        return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())

    @contextmanager
    def saying(self, change: Callable[[dict[str, Any]], None]) -> Generator[str]:
        """The address of a HAVN that is this sandbox, but for its answers' JSON: for what no sandbox ever says."""
        sandbox = self.company.url

        class Relay(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                with httpx.Client(base_url=sandbox, trust_env=False) as client:
                    answer = client.request(self.command, self.path, headers=headers, content=body)
                said = answer.json()
                change(said)
                content = json.dumps(said).encode()
                self.send_response_only(answer.status_code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()

    def _entries(self) -> list[dict[str, Any]]:
        found = self.company.requests(operation="sendTransaction", limit=100)
        return [self.company.request(each["id"]) for each in reversed(found)]


def _json(part: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(part["body"]["text"])
    return found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of this test's own, on a free port."""
    with SandboxServer() as server, Control.of(server.url) as control:
        yield Sandbox(SandboxCompany(server.url, server.api_key, server.webhook_secret, control))


@attrs.frozen
class Example:
    """A copy of an example in a folder of its own, whose programs are run as its README says."""

    folder: Path
    environ: dict[str, str]
    log: Path

    def run(self, command: str, *more: str, code: int = 0, **environ: str | None) -> str:
        """Types a command, with more arguments, and waits for its end; what it printed, errors last."""
        run = subprocess.run(  # noqa: S603  our own examples
            self._arguments(command, more),
            cwd=self.folder,
            env=self._environment(environ),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert run.returncode == code, run.stdout + run.stderr
        return run.stdout + run.stderr

    @contextmanager
    def running(self, command: str, *more: str, ready: str, **environ: str | None) -> Generator[re.Match[str]]:
        """Runs a command beside the test, from the line that says it is ready, until the test is done."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  our own examples
                self._arguments(command, more),
                cwd=self.folder,
                env=self._environment(environ),
                stdout=log,
                stderr=log,
            )
        try:
            found: list[re.Match[str]] = []

            def is_ready() -> bool:
                assert process.poll() is None, self.log.read_text()
                found.extend(re.finditer(ready, self.log.read_text()))
                return bool(found)

            self.until(is_ready, f"{command} is ready")
            yield found[0]
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()

    @contextmanager
    def serving(self, command: str, *more: str, **environ: str | None) -> Generator[httpx.Client]:
        """Runs a server; gives a browser that has its address."""
        with (
            self.running(command, *more, ready=r"http://127\.0\.0\.1:(\d+)", **environ) as address,
            httpx.Client(base_url=address[0], trust_env=False, timeout=PATIENCE) as browser,
        ):
            yield browser

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Waits until something is so; fails with the log when it does not come about."""
        ends_at = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() >= ends_at:
                pytest.fail(f"not within {PATIENCE:g} s: {what}\n{self.log.read_text()}")
            time.sleep(0.05)  # other processes tell nobody when they are done

    @staticmethod
    def _arguments(command: str, more: tuple[str, ...]) -> list[str]:
        """Those of a command that is typed, by this Python."""
        program, *arguments = shlex.split(command)
        module = {"python": [], "havn": ["-m", "havn_ext.cli"]}.get(program, ["-m", program])
        return [sys.executable, *module, *arguments, *more]

    def _environment(self, changes: dict[str, str | None]) -> dict[str, str]:
        wanted = {**os.environ, **self.environ, "PYTHONUNBUFFERED": "1", **changes}
        return {name: value for name, value in wanted.items() if value is not None}


@pytest.fixture
def example(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> Example:
    """The example that the test's module is named for, with the sandbox in HAVN's place."""
    name = request.path.stem.removeprefix("test_").removesuffix("_example")
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("__pycache__", "*.db*"))
    return Example(folder, sandbox.company.environ, tmp_path / "programs.log")
