"""`docs/en/scale.md` shows what its script prints, and the script plays by the outbox's own rules."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest
import simulate_scale as scale
from docs_support import DOCS, ROOT, text_of

from havn_ext.outbox.schedule import LADDER, Schedule
from havn_ext.outbox.store import KEEP_KEYS, KEEP_PAYLOADS

PAGE = text_of(DOCS / "en" / "scale.md")
NAMES = [table.name for table in scale.tables(scale.SEED)]


def printed(*arguments: str) -> str:
    """What the script prints in an interpreter that has nothing but the standard library."""
    command = [sys.executable, "-I", "-S", str(ROOT / "scripts" / "simulate_scale.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout  # noqa: S603  ours


def marked(text: str, name: str) -> str:
    """A table, from between its marks."""
    _, begin, rest = text.partition(f"<!-- {name} -->")
    table, end, _ = rest.partition(f"<!-- /{name} -->")
    assert begin, name
    assert end, name
    return table


@pytest.fixture(scope="module")
def output() -> str:
    """What the script prints."""
    return printed()


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_what_the_script_prints(output: str, name: str) -> None:
    """Whoever runs the script sees the page's tables, to the character."""
    assert marked(PAGE, name) == marked(output, name)


def test_the_page_has_no_table_that_the_script_does_not_print() -> None:
    """A table that was renamed does not stay behind with old figures."""
    assert re.findall(r"<!-- (\w+) -->", PAGE) == NAMES


def test_another_seed_plays_other_dice_and_leaves_the_arithmetic(output: str) -> None:
    """The seed is used where there is chance, and only there."""
    other = printed("--seed", "1")
    same = {name: marked(other, name) == marked(output, name) for name in NAMES}
    assert same == {
        "demands": True,
        "walls": True,
        "queueing": False,
        "days": True,
        "outages": False,
        "shards": True,
    }


def test_the_script_knows_the_outbox_s_own_settings() -> None:
    """The script imports nothing of ours, so what it repeats is compared here."""
    assert scale.LADDER == LADDER
    assert (scale.KEEP_PAYLOADS * scale.DAY, scale.KEEP_KEYS * scale.DAY) == (KEEP_PAYLOADS, KEEP_KEYS)


def test_retries_go_by_the_outbox_s_schedule() -> None:
    """The same dice, and the outbox's own schedule, give the same attempts."""
    left = 7200.0
    failed, delay = scale.retried(left, random.Random(1))
    rng, now, attempts = random.Random(1), -left, 0
    while now < 0:
        attempts += 1
        wait = Schedule().after_failure(attempts, None, rng)
        assert wait is not None
        now += wait
    assert (failed, delay) == (attempts, now)


def test_a_message_that_outlasts_the_ladder_is_given_up() -> None:
    """No delay for what is never delivered, and one attempt more than there are rungs."""
    assert scale.retried(30.0 * scale.DAY, random.Random(1)) == (len(LADDER) + 1, None)


def test_a_limit_below_the_rate_never_catches_up_and_a_wide_one_does_at_once() -> None:
    """The played day agrees with what must be: nothing is delivered during the outage, all of it after."""
    assert scale.play_day(0.9).caught_up == float("inf")
    wide = scale.play_day(1000.0)
    hour = scale.HOUR
    assert (wide.caught_up, wide.oldest) == (0.0, hour - scale.MINUTE)
    assert wide.deepest == pytest.approx(sum(scale.shape(hour * 12 + n * 60) * 60 for n in range(60)))


def test_an_idle_worker_makes_nobody_wait() -> None:
    """Waiting comes from load alone."""
    assert max(scale.slot_waits(0.1, 1000, random.Random(1))) == 0


def test_each_company_has_one_database_and_none_gets_lost() -> None:
    """Dealing out keeps the sum, and the hash stays within the databases."""
    sizes = [1.0 / n for n in range(1, 1000)]
    assert sum(scale.dealt(sizes, 7)) == pytest.approx(sum(sizes))
    assert {scale.shard(f"company_{n}", 7) for n in range(1000)} == set(range(7))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.333333, "0.333"),
        (80, "80"),
        (999.6, "1,000"),
        (86_400, "86,400"),
        (1_790_000, "1.79 million"),
        (7.78e9, "7.78 billion"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    """Three digits, and words for the rest."""
    assert scale.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(59, "59 s"), (1884, "31.4 min"), (77_760, "21.6 h"), (float("inf"), "never")]
)
def test_times_have_the_unit_that_suits_them(seconds: float, text: str) -> None:
    """Two of a unit at least."""
    assert scale.span(seconds) == text


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    """A table that the page lost is no silent success."""
    with pytest.raises(ValueError, match="no place for demands"):
        scale.filled("", scale.tables(1))
