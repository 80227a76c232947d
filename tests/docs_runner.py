"""A program of its own that runs the blocks of a page: one line of JSON in for each block, one out.

It is what a reader's interpreter is: one namespace for the page, and what is printed is told back.
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import sys
import traceback
from typing import Any


def run(code: str, page: str, line: int, namespace: dict[str, Any]) -> dict[str, str]:
    """What a block printed, and its traceback if it raised, with the page's own lines."""
    padded = "\n" * (line - 1) + code
    linecache.cache[page] = (len(padded), None, padded.splitlines(keepends=True), page)
    printed = io.StringIO()
    failure = ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(padded, page, "exec", dont_inherit=True), namespace)  # noqa: S102  that is the test
        except BaseException:  # noqa: BLE001  SystemExit too: a page that ends its program is at fault
            failure = traceback.format_exc()
    return {"printed": printed.getvalue(), "failure": failure}


def main() -> None:
    """Run what comes in until nothing more does."""
    sys.path[0] = ""  # a reader's interpreter finds modules where it was started
    answers, namespace = sys.stdout, {"__name__": "__main__"}
    for request in sys.stdin:
        answer = run(**json.loads(request), namespace=namespace)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
