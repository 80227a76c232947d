"""`python scripts/crash`: kills the outbox's workers at every step, and sees whether the books agree."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

# Python puts this folder first, where `ledger` and the like would be taken for top-level modules.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from crash.command import main  # noqa: E402  needs the path above

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that what was started is ended
    sys.exit(main())
