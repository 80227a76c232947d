"""Build the documents' site in both languages, with every warning an error.

    python scripts/build_docs.py [--output FOLDER]

The folder (build/docs) gets `en/`, `id/` and an `index.html` that picks one of them. Open it as a file or serve it
from anywhere, beside nothing or below a path: it asks no other server for anything.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
sys.path.insert(0, str(DOCS))

from havn_site.pages import LANGUAGES  # noqa: E402  after the path is set


def command(language: str, output: Path) -> list[str]:
    """What builds one language, from nothing: what Sphinx keeps of a build knows no page that is new since."""
    options = ["-q", "-E", "-W", "--keep-going", "-n", "-c", str(DOCS), "-D", f"language={language}"]
    read = output.parent / f".{output.name}-read" / language
    return [sys.executable, "-m", "sphinx", *options, "-d", str(read), str(DOCS / language), str(output / language)]


def build(output: Path) -> bool:
    """Build both languages at once; whether neither warned."""
    output.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    running = [subprocess.Popen(command(language, output), env=environment) for language in LANGUAGES]
    codes = [process.wait() for process in running]
    shutil.copyfile(DOCS / "root.html", output / "index.html")
    return not any(codes)


def main() -> int:
    """Build, and say where the site is."""
    parser = argparse.ArgumentParser(description="Build the documents in English and Indonesian.")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "docs", help="folder of the site")
    output = parser.parse_args().output
    if not build(output):
        print("The documents have faults, see above.", file=sys.stderr)
        return 1
    print(f"Open {output / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
