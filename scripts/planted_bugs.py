"""The bugs that `make mutants` plants: patches of one place each, with a header that says what must see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from contract import ROOT

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FOLDER", "PatchError", "PlantedBug", "planted_bugs"]

FOLDER = ROOT / "tests" / "mutants"


class PatchError(Exception):
    """A patch can't be read, or no longer fits the code; the message says which and why."""


class PlantedBug(NamedTuple):
    """One patch, read.

    `path` is the file that it changes, from the root of the tree; `before` are the lines that it takes away
    with one line around them, and `after` what stands there then.
    """

    name: str
    what: str
    tests: tuple[str, ...]
    """Node ids of the tests that must see it, to be run first."""
    endless: bool
    """Whether it keeps a call from ending, so that running out of time is how it shows."""
    path: str
    before: str
    after: str

    @classmethod
    def read(cls, file: Path) -> PlantedBug:
        """The bug of a patch file.

        Raises:
            PatchError: It is not a header (`Bug:`, `Test:` once or more, `Endless: yes` or nothing), an empty
                line, and a patch of one hunk.
        """
        header, _, patch = file.read_text(encoding="utf-8").partition("\n\n")
        said = [line.partition(": ")[::2] for line in header.splitlines()]
        what = [value for key, value in said if key == "Bug"]
        tests = tuple(value for key, value in said if key == "Test")
        old, new, position, *hunk = [*patch.splitlines(), "", "", ""]
        if len(what) != 1 or not tests or {key for key, _ in said} - {"Bug", "Test", "Endless"}:
            raise PatchError(f"{file.name}: the header must have one Bug:, and one Test: or more")
        if not (old.startswith("--- a/") and new == f"+++ b/{old[6:]}" and position.startswith("@@")):
            raise PatchError(f"{file.name}: must be a patch of one file, which it neither adds nor removes")
        lines = [line for line in hunk if line]
        if any(line[0] not in " +-" for line in lines):
            raise PatchError(f"{file.name}: must have one hunk")
        return cls(
            name=file.stem,
            what=what[0],
            tests=tests,
            endless=("Endless", "yes") in said,
            path=old[6:],
            before="".join(f"{line[1:]}\n" for line in lines if line[0] != "+"),
            after="".join(f"{line[1:]}\n" for line in lines if line[0] != "-"),
        )

    def planted_in(self, source: str) -> str:
        """The text of the file with the bug in it.

        Stricter than `patch` and `git apply`: what the patch takes away must stand at exactly one place,
        wherever that is.

        Raises:
            PatchError: It stands nowhere, or at several places.
        """
        places = f"\n{source}".count(f"\n{self.before}")
        if places != 1:
            raise PatchError(f"{self.name}: what it changes in {self.path} stands at {places} places, not at one")
        return f"\n{source}".replace(f"\n{self.before}", f"\n{self.after}")[1:]


def planted_bugs() -> list[PlantedBug]:
    """Every bug, by name.

    Raises:
        PatchError: A patch can't be read.
    """
    return [PlantedBug.read(file) for file in sorted(FOLDER.glob("*.patch"))]
