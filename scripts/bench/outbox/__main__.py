"""`python scripts/bench/outbox`: measures what the outbox costs, and says whether each figure holds its bound."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

# Python puts this folder first, where `rows` and the like would be taken for top-level modules.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.outbox.command import main  # noqa: E402  needs the path above

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that nginx and databases go
    sys.exit(main())
