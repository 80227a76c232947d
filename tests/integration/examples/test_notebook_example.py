"""`examples/notebook`: it runs from top to bottom, and prints what is stored with it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import nbformat
from nbclient import NotebookClient

if TYPE_CHECKING:
    from integration.examples.conftest import Example, Sandbox


def outputs(notebook: Any) -> list[list[Any]]:
    """What each code cell printed or gave."""
    return [
        [output.get("text") or output["data"]["text/plain"] for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_the_notebook_prints_what_is_stored(example: Example, sandbox: Sandbox) -> None:
    """Every cell runs, against a fresh sandbox; outputs are those of the file; both sales are shared out."""
    notebook: Any = nbformat.read(example.folder / "commissions.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    stored = outputs(notebook)
    assert any(stored)
    client = NotebookClient(notebook, timeout=60, kernel_name="python3")
    client.execute(env={**os.environ, **example.environ}, cwd=str(example.folder))
    assert outputs(notebook) == stored
    answers = sandbox.reported()
    assert {key: each["total_commission"] for key, each in answers.items()} == {
        "notebook_1": 960,
        "notebook_2": 1126,
    }
    assert "Mary Jane HAVN-MJ-001 5 % 400.00 ¢ 400 ¢" in sandbox.page_of("notebook_1")
