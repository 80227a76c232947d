"""Says where a server that claims to be HAVN differs from openapi.yaml.

    HAVN_BASE_URL=… HAVN_API_KEY=… HAVN_WEBHOOK_SECRET=… make contract

With none of the three it starts a sandbox and tries that one, sales that are stored included.

Every call is in test mode, bounded, and keeps to the server's rate limits. Differences are grouped by where the
contract has the fact from: what HAVN documents, what its published clients show, what we assume. Environment:

    HAVN_CONTRACT_CALLS    generated calls of each operation (150)
    HAVN_CONTRACT_WAIT     seconds to wait for rate limits in all (300)
    HAVN_CONTRACT_WRITES   1 also stores sales of one cent, to see whether a payment id counts once

Exit code: 0 no difference, 1 differences, 2 the run itself failed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

import pytest
from contract import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator

SUITE = ROOT / "tests" / "contract" / "live" / "suite.py"
sys.path[:0] = [str(ROOT / "tests" / "contract" / "support")]


def main() -> int:
    """Runs the suite; the exit code."""
    from harness.server import CREDENTIALS, ServerError  # noqa: PLC0415  needs the path above

    try:
        if any(os.environ.get(name) for name in CREDENTIALS):
            return report()
        print(f"None of {', '.join(CREDENTIALS)} is set: trying a sandbox, which stores sales.")
        with sandbox() as ready:
            os.environ.update(zip(CREDENTIALS, ready, strict=True), HAVN_CONTRACT_WRITES="1")
            return report()
    except ServerError as error:
        print(error, file=sys.stderr)
        return 2


@contextmanager
def sandbox() -> Generator[tuple[str, str, str]]:
    """A sandbox for as long as the context is open: its URL, key and secret."""
    command = [sys.executable, "-m", "havn_ext.sandbox", "--port", "0", "--json", "--no-rate-limits"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = json.loads(cast("IO[str]", process.stdout).readline())
            yield ready["url"], ready["api_key"], ready["webhook_secret"]
        finally:
            process.terminate()


def report() -> int:
    """Tries the server that the environment names; the exit code.

    Raises:
        ServerError: It names none.
    """
    from harness.findings import FOUND  # noqa: PLC0415  needs the path above
    from harness.server import Server  # noqa: PLC0415  as above

    server = Server.from_environment()
    outcome = pytest.main([str(SUITE), "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"])
    if outcome != pytest.ExitCode.OK:
        return 2
    print(f"\n{server.base_url}: {len(FOUND)} difference(s)")
    for line in FOUND.lines():
        print(line)
    return 1 if len(FOUND) else 0


if __name__ == "__main__":
    sys.exit(main())
