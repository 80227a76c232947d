"""What the figures were measured on; without it they mean little."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "httpx",
    "httpcore",
    "h11",
    "anyio",
    "sniffio",
    "httpx-aiohttp",
    "aiohttp",
    "requests",
    "urllib3",
)


def description() -> dict[str, str]:
    """Facts by name, in the order to print them in."""
    return {
        "CPU": _processor(),
        "cores": str(_cores()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "server": _nginx(),
        **{name: _installed(name) for name in PACKAGES},
    }


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", known.read_text(), re.MULTILINE) if known.exists() else None
    return found[1] if found else platform.processor() or "unknown"


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _nginx() -> str:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        return "none"
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stderr
    return said.partition(":")[2].strip()


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
