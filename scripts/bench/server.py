"""The other end: an nginx of our own, which answers fixed bytes and is never what limits."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.payloads import (
    SHORT,
    SHORT_USERS_ANSWER,
    TRANSACTION_ANSWER,
    TRANSACTION_PATH,
    USERS_ANSWER,
    USERS_PATH,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE: Final = 10.0
"""Seconds that nginx may take to start."""

ANSWERS: Final = {
    TRANSACTION_PATH: TRANSACTION_ANSWER,
    USERS_PATH: USERS_ANSWER,
    SHORT + USERS_PATH: SHORT_USERS_ANSWER,
}

CONFIGURATION: Final = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type application/json;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    open_file_cache max=10;
    tcp_nodelay on;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root answers;
        error_page 405 =200 $uri;  # to a POST, nginx answers a file only by this way
    }}
}}
"""


class ServerError(Exception):
    """There is no server to measure against; the text says why."""


@contextmanager
def nginx() -> Iterator[str]:
    """A running nginx for as long as the context is open: its URL.

    Raises:
        ServerError: nginx is not installed, or did not start.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise ServerError("nginx is not installed, and no slower server stands in for it (Debian: nginx-light)")
    with tempfile.TemporaryDirectory(prefix="havn-bench-") as folder:
        port = _free_port()
        _lay_out(Path(folder), port)
        command = [program, "-p", folder, "-c", "nginx.conf", "-e", "error.log"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_until_open(port, process, Path(folder, "error.log"))
                url = f"http://127.0.0.1:{port}"
                _check_answers(url)
                yield url
            finally:
                process.terminate()


def _lay_out(folder: Path, port: int) -> None:
    folder.chmod(0o755)  # the worker of an nginx that root starts is another user
    (folder / "nginx.conf").write_text(CONFIGURATION.format(port=port))
    for path, answer in ANSWERS.items():
        file = folder / "answers" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    reason = log.read_text().strip() if log.exists() else "no reason given"
    raise ServerError(f"nginx did not start: {reason}")


def _check_answers(url: str) -> None:
    """No contender looks at the status of an answer; here it is made sure that all of them get the right one."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path, expected in ANSWERS.items():
        with direct.open(urllib.request.Request(url + path, data=b"{}"), timeout=PATIENCE) as answer:  # noqa: S310  http
            if answer.status != 200 or answer.read() != expected:
                raise ServerError(f"nginx answered something else than its file at {path}")
