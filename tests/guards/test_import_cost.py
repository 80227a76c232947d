"""What importing the package loads: names resolve on first use, and nothing heavy comes before the first call."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = {"httpx", "httpcore", "anyio", "attr", "attrs", "asyncio", "ssl", "inspect", "logging", "havn_api"}

IMPORT = ["havn", "havn_ext", "havn_ext._version"]
BUILD = sorted(
    [*IMPORT, "havn_ext._pool", "havn_ext._redaction", "havn_ext.client", "havn_ext.config", "havn_ext.errors"]
)
SIGN = sorted([*IMPORT, "havn_ext._guards", "havn_ext.errors", "havn_ext.signing"])

PROGRAMS: dict[str, tuple[str, list[str]]] = {
    "import": ("import havn", IMPORT),
    "look around": ("import havn; dir(havn); havn.__version__", IMPORT),
    "build a client": ("import havn; havn.HAVNClient('key', 'secret')", BUILD),
    "build, derive and print": (
        "import havn; print(havn.AsyncHAVNClient('key', 'secret').with_options(timeout=1))",
        BUILD,
    ),
    "sign and verify": ("import havn; havn.verify(b'{}', havn.sign(b'{}', 's'), 's')", SIGN),
}


@pytest.mark.parametrize(("program", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_loads_no_more_than_it_needs(program: str, expected: list[str]) -> None:
    """Importing, building a client and signing load exactly these modules of ours, and no heavy one of others."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    report = "; import sys; print(*sys.modules)"
    # -S: what `site` loads for editable installs is not ours; the paths are handed over instead
    run = subprocess.run(  # noqa: S603  a program of ours
        [sys.executable, "-S", "-c", program + report],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    loaded = set(run.stdout.splitlines()[-1].split())
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()
    assert sorted(name for name in loaded if name.partition(".")[0] in {"havn", "havn_ext"}) == expected
