"""The Containerfile, as far as it can be judged without an engine: what it copies, who runs, what it starts."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from havn_ext.sandbox import command

ROOT = Path(__file__).parents[3]
TEXT = re.sub(r"\\\n\s*", "", (ROOT / "Containerfile").read_text(encoding="utf-8"))
STEPS: list[tuple[str, str]] = [
    (word, rest)
    for word, _, rest in (line.strip().partition(" ") for line in TEXT.splitlines())
    if word and word != "#"
]
LAST_STAGE = STEPS[max(number for number, (word, _) in enumerate(STEPS) if word == "FROM") :]


def steps(word: str) -> list[str]:
    """What follows an instruction of the final stage, each time that it is given."""
    return [rest for name, rest in LAST_STAGE if name == word]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    """Every source of a COPY from the repository exists, and .containerignore lets it in."""
    copied = [
        source for word, rest in STEPS if word == "COPY" and "--from" not in rest for source in rest.split()[:-1]
    ]
    let_in = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in let_in


def test_it_runs_as_nobody_special() -> None:
    """A user by number, so that an orchestrator sees that it is not root; nothing is built after it."""
    (user,) = steps("USER")
    assert int(user) > 0
    after = [word for word, _ in LAST_STAGE[LAST_STAGE.index(("USER", user)) :]]
    assert "RUN" not in after


def test_its_health_is_asked_where_it_serves() -> None:
    """The check asks the control API on the port that the command listens on and the image exposes."""
    (check,), (start,), (port,) = steps("HEALTHCHECK"), steps("ENTRYPOINT"), steps("EXPOSE")
    assert f"http://127.0.0.1:{port}/_sandbox/health" in check
    assert ["--port", port] == json.loads(start)[-2:]


def test_its_command_is_one_that_the_sandbox_knows() -> None:
    """Program and arguments are given as a list, so that signals arrive; and the options exist."""
    (start,), (options,) = steps("ENTRYPOINT"), steps("CMD")
    words: list[str] = json.loads(start) + json.loads(options)
    assert words[0].endswith("/havn")
    assert words[1] == "sandbox"
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert parser.parse_args(words[2:]).host == "0.0.0.0"  # noqa: S104  inside of a container


def test_it_names_no_index() -> None:
    """Where packages come from is said at the build, and kept in no layer."""
    assert not re.search(r"index|https?://(?!127\.0\.0\.1)", re.sub(r"(?m)^#.*$", "", TEXT))
