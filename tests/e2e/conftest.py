"""Fixtures of the browser tests: a real Chromium, found or installed, and a sandbox over real HTTP."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright
from sandbox_support import KEY, SECRET, Caller

from havn_ext.sandbox import SandboxConfig, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET_ONE = (
    "The browser tests need Chromium: install it (Debian: apt-get install chromium), "
    "or name an executable in the environment variable HAVN_CHROMIUM"
)


def found_browser() -> str | None:
    """The executable that the environment names, or else the first one on the path."""
    return os.environ.get("HAVN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def install_browser() -> None:
    """Install Debian's, where that is possible."""
    if os.name == "posix" and os.geteuid() == 0 and Path("/etc/debian_version").exists():
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "--quiet", *arguments], check=True)  # noqa: S603, S607  Debian's own tool


expect.set_options(timeout=30_000)  # milliseconds: a machine that is busy is no failure


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """A running browser."""
    if found_browser() is None:
        install_browser()
    executable = found_browser()
    if executable is None:
        pytest.fail(HOW_TO_GET_ONE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def sandbox() -> Generator[SandboxServer]:
    """A sandbox with demo data and an empty log."""
    with SandboxServer(SandboxConfig()) as server:
        yield server


@pytest.fixture
def havn(sandbox: SandboxServer) -> Caller:
    """The default company's backend."""
    return Caller(key=KEY, secret=SECRET, base_url=sandbox.url)


@pytest.fixture
def page(browser: Browser, sandbox: SandboxServer) -> Generator[Page]:
    """A page of the sandbox; it fails the test when anything was logged to its console or refused by its policy."""
    context = browser.new_context(base_url=sandbox.url, permissions=["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []
