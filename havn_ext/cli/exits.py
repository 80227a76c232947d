"""What `havn` says by its exit code, and how it ends: the one place that knows."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from havn_ext.errors import HAVNNetworkError, HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "BROKEN_PIPE",
    "EPILOG",
    "FAILED",
    "INTERRUPTED",
    "NETWORK",
    "OK",
    "TERMINATED",
    "USAGE",
    "code_of",
    "ending_well",
]

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NETWORK: Final = 3
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141
TERMINATED: Final = 143

EPILOG: Final = (
    "Exit codes: 0 all is well; 1 refused or failed, wholly or in part; 2 wrong usage or wrong input, nothing was"
    " sent; 3 no answer came (network); 130 interrupted (Ctrl-C); 141 the reader of the output is gone; 143 told"
    " to end (SIGTERM)."
)


def code_of(error: Exception) -> int:
    """The exit code that an error stands for."""
    if isinstance(error, HAVNValidationError):
        return USAGE
    return NETWORK if isinstance(error, HAVNNetworkError) else FAILED


def ending_well(run: Callable[[], int]) -> int:
    """The exit code of `run`, also when it is interrupted or nobody reads its output any more."""
    _open_streams()
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        _write_nowhere()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        sys.stderr.write("\nhavn: interrupted\n")
        return INTERRUPTED
    return code


def _open_streams() -> None:
    """Whoever starts a program may close its streams, which Python then has none for."""
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  for as long as the process lasts
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  as above


def _write_nowhere() -> None:
    """Lets Python's last flush succeed, which would complain of the pipe again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
