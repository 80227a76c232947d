from __future__ import annotations

import hashlib
import re
from pathlib import Path

from havn_ext.sandbox.inspector import routing

VENDOR = Path(routing.__file__).with_name("static") / "vendor"


def test_vendored_files_are_what_was_published() -> None:
    """Each file has the hash that VENDORED.md names, and no file is without one."""
    noted = dict(
        re.findall(r"\| `([\w.-]+)` \|.*\| `([0-9a-f]{64})` \|", (VENDOR / "VENDORED.md").read_text("utf-8"))
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "VENDORED.md"
    }
    assert found == noted


def test_pages_load_nothing_from_elsewhere() -> None:
    """No template, style or script of ours names another host."""
    for path in [*VENDOR.parent.glob("*.*"), *VENDOR.parents[1].glob("templates/*")]:
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", ""), path


def test_templates_have_no_inline_script_or_style() -> None:
    """What the policy would refuse is not there."""
    for path in VENDOR.parents[1].glob("templates/*"):
        assert not re.search(r"<style|<script>|\sstyle=|\son[a-z]+=", path.read_text("utf-8")), path
