"""Runs small programs in fresh interpreters, which see the modules that this one sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, cast

from bench.rounds import Cost

TIMED = """
import time
wall, cpu = time.perf_counter(), time.process_time()
{work}
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
print('{{"cpu": %r, "wall": %r}}' % (cpu, wall))
"""


def cost(work: str, before: str = "") -> Cost:
    """What `work` costs in a fresh interpreter; its start, and the lines `before`, do not count."""
    return Cost(**cast("dict[str, float]", output(before + TIMED.format(work=work))))


def output(program: str, *arguments: str) -> Any:  # noqa: ANN401  whatever it prints
    """The JSON that a program prints.

    Raises:
        subprocess.CalledProcessError: It failed; what it said is on our standard error.
    """
    # -S: what `site` imports for an editable install is nobody's cost; the paths are handed over instead
    command = [sys.executable, "-S", "-P", "-c", program, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(run.stdout)
