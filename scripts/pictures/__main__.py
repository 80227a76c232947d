"""`python scripts/pictures`: draws the diagrams of docs/images from `scenes.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pictures.scenes import files  # after the path is set

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


def main() -> None:
    """Write every picture."""
    for name, svg in files().items():
        (IMAGES / name).write_text(svg, encoding="utf-8")
        print(f"docs/images/{name}")


if __name__ == "__main__":
    main()
