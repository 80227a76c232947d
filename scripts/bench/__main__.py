"""`python scripts/bench`: measures every row of docs/en/benchmarks.md and says whether it holds its bound."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

# Python puts this folder first, where `limits` and the like would be taken for top-level modules.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.command import main  # noqa: E402  needs the path above

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that nginx is stopped
    sys.exit(main())
