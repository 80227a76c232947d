from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import sys
from havn_ext.sandbox import create_app
create_app().state.store.close()
print(sorted({"jinja2", "httpx"} & set(sys.modules)))
"""


def test_the_sandbox_starts_without_the_inspectors_packages() -> None:
    """Templates and the client that sends again are loaded when they are first used."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run(  # noqa: S603  this test's own program
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
