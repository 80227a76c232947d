"""`havn users sync` against the sandbox: dry runs, failures that are fed back in, and going on."""

from __future__ import annotations

import csv
import io
import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from cli_support import serving

from havn_ext import _checkpoint_file
from havn_ext.cli import failed_rows
from havn_ext.cli.feed import Feed
from havn_ext.cli.user_files import UserFile

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cli_support import Typing

    from havn_ext.cli.user_rows import Row
    from havn_ext.testing import SandboxCompany

GOOD = "email,name,upline_code\nana@example.com,Ana,HAVN-MJ-001\nbudi@example.com,Budi,\n"
BAD = (
    "email,name,upline_code\n"
    "ana@example.com,Ana,HAVN-MJ-001\n"
    "nobody,Budi,\n"
    '"cici@example.com","Cici\nthe second",x\n'
    "dedi@example.com,Dedi\n"
    "eka@example.com,Eka,HAVN-NO-999\n"
)
"""Its bad rows begin in the lines 3, 4 and 6; line 7 is refused by HAVN alone."""


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A place for a file of users."""
    return tmp_path / "users.csv"


def sent(company: SandboxCompany) -> list[str]:
    """The addresses that reached HAVN, in order."""
    calls = sorted(call["id"] for call in company.requests(operation="syncUsers", limit=1000))
    bodies = [json.loads(company.request(number)["request"]["body"]["text"]) for number in calls]
    return [user["email"] for body in bodies for user in body["users"]]


def many(count: int) -> str:
    """A file of so many users."""
    return "email,name\n" + "".join(f"user{n}@example.com,User {n}\n" for n in range(count))


def test_users_are_synced(havn: Typing, users: Path, company: SandboxCompany) -> None:
    """Columns are found by their names; all is well with exit code 0."""
    users.write_text(GOOD)
    said = havn("users", "sync", users)
    assert (said.code, said.out, said.err) == (0, "2 rows: 2 synced, 0 failed\n", "")
    assert sent(company) == ["ana@example.com", "budi@example.com"]


def test_a_refused_call_is_no_missing_answer(havn: Typing, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users whose call HAVN refuses are neither synced nor failed, which is not called no answer."""
    users.write_text(GOOD)
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", "another_secret")
    said = havn("users", "sync", users)
    assert (said.code, said.out) == (1, "2 rows: 0 synced, 0 failed, 2 unaccounted for\n")


def test_a_dry_run_reports_every_bad_row(
    havn: Typing, users: Path, company: SandboxCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every bad row is named by its line, nothing is sent, and no credentials are needed."""
    users.write_text(BAD)
    monkeypatch.delenv("HAVN_API_KEY")
    monkeypatch.delenv("HAVN_WEBHOOK_SECRET")
    said = havn("users", "sync", users, "--dry-run")
    assert said.code == 1
    assert said.out.splitlines() == [
        "line 3: email: is not an e-mail address",
        "line 4: upline_code: must have 3 to 50 characters, not 1",
        "line 6: has 2 cells, and the header 3",
        "5 rows: 2 good, 3 bad",
    ]
    document = havn("users", "sync", users, "--dry-run", "--json").document
    assert (document["good"], [row["line"] for row in document["bad"]]) == (2, [3, 4, 6])
    assert company.requests() == []


def test_a_dry_run_says_when_all_is_well(havn: Typing, users: Path) -> None:
    """A good file is good with exit code 0."""
    users.write_text(GOOD)
    assert havn("users", "sync", users, "--dry-run").out == "2 rows: 2 good, 0 bad\n"


def test_a_dry_run_checks_what_users_share(havn: Typing, users: Path) -> None:
    """An option that all users share is wrong usage, not a fault of each row."""
    users.write_text(GOOD)
    said = havn("users", "sync", users, "--dry-run", "--upline-code", "x", "--json")
    assert (said.code, list(said.document["error"]["fields"])) == (2, ["upline_code"])


def test_failures_are_mended_and_fed_back_in(
    havn: Typing, users: Path, company: SandboxCompany, tmp_path: Path
) -> None:
    """The file of failures has each failed row with its line and reason; mended it is a file of users."""
    users.write_text(BAD)
    failed = tmp_path / "failed.csv"
    said = havn("users", "sync", users, "--failures", failed, "--json")
    assert said.code == 1
    assert (said.document["succeeded"], said.document["failed"]) == (1, 4)
    assert [each["line"] for each in said.document["failures"]] == [3, 4, 6, 7]
    rows = list(csv.reader(io.StringIO(failed.read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["havn_line", "havn_error", "email", "name", "upline_code"]
    assert [row[0] for row in rows[1:]] == ["3", "4", "6", "7"]
    assert [row[2:] for row in rows[1:]] == [
        ["nobody", "Budi", ""],
        ["cici@example.com", "Cici\nthe second", "x"],
        ["dedi@example.com", "Dedi"],
        ["eka@example.com", "Eka", "HAVN-NO-999"],
    ]
    mended = failed.read_text(encoding="utf-8-sig").replace("nobody", "budi@example.com").replace(",x\n", ",\n")
    mended = mended.replace("Dedi\n", "Dedi,\n").replace("HAVN-NO-999", "HAVN-MJ-001")
    failed.write_text(mended)
    again = tmp_path / "again.csv"
    assert havn("users", "sync", failed, "--failures", again).code == 0
    assert sent(company)[-4:] == ["budi@example.com", "cici@example.com", "dedi@example.com", "eka@example.com"]
    assert again.read_text(encoding="utf-8-sig").splitlines() == ["havn_line,havn_error,email,name,upline_code"]


def test_json_lines_are_mended_and_fed_back_in(havn: Typing, company: SandboxCompany, tmp_path: Path) -> None:
    """The same goes for JSON lines; a line that is no JSON is kept as it is."""
    users, failed = tmp_path / "users.jsonl", tmp_path / "failed.jsonl"
    users.write_text(
        '{"email": "ana@example.com", "name": "Ana", "is_owner": true}\n'
        "\n"
        '{"email": "budi@example.com"}\n'
        '{"email": "cici@example.com", "name"\n'
        "[1]\n"
        '{"email": "dedi@example.com", "name": "Dedi", "age": 5}\n'
    )
    said = havn("users", "sync", users, "--failures", failed)
    assert said.code == 1
    documents = [json.loads(line) for line in failed.read_text().splitlines()]
    assert [each["havn_line"] for each in documents] == [3, 4, 5, 6]
    assert documents[1]["havn_raw"] == '{"email": "cici@example.com", "name"'
    assert "age" in documents[3]["havn_error"]
    for document, mend in zip(
        documents,
        (
            {"name": "Budi"},
            {"havn_raw": '{"email": "cici@example.com", "name": "Cici"}'},
            {"havn_raw": '{"email": "x@example.com", "name": "X"}'},
            {"age": None},
        ),
        strict=True,
    ):
        document.update(mend)
    del documents[3]["age"]
    failed.write_text("".join(f"{json.dumps(each)}\n" for each in documents))
    again = tmp_path / "again.jsonl"
    assert havn("users", "sync", failed, "--failures", again).code == 0
    assert (len(sent(company)), again.read_text()) == (5, "")
    assert havn("users", "sync", again).out == "0 rows: 0 synced, 0 failed\n"


def test_columns_are_mapped(havn: Typing, users: Path, company: SandboxCompany) -> None:
    """`--map` names columns, leaves them out, and semicolons, marks and capitals are found out."""
    users.write_text(
        "E-mail;Full name;UPLINE-CODE;Notes\nana@example.com;Ana;HAVN-MJ-001;x\n", encoding="utf-8-sig"
    )
    said = havn("users", "sync", users)
    assert said.code == 2
    for word in ("'E-mail'", "'Full name'", "'Notes'", "--map COLUMN=FIELD"):
        assert word in said.err
    mapping = ("--map", "E-mail=email", "--map", "Full name = name")
    assert havn("users", "sync", users, *mapping).code == 2
    assert havn("users", "sync", users, *mapping, "--map", "Notes=").code == 0
    assert havn("users", "sync", users, *mapping, "--ignore-unmapped").code == 0
    assert sent(company) == ["ana@example.com"] * 2


@pytest.mark.parametrize(
    ("content", "options", "word"),
    [
        ("", (), "no header"),
        ("name\nAna\n", (), "has no column"),
        ("email,name,email\n", (), "more than one column"),
        ("email,name\n", ("--map", "Mail=email"), "there is no column 'Mail'"),
        ("email,name\n", ("--map", "name=nome"), "must be COLUMN=FIELD"),
        ("email,name\n", ("--map", "name"), "must be COLUMN=FIELD"),
        ("email,name\n", ("--encoding", "klingon"), "there is no encoding"),
        ("email,name\n", ("--encoding", "base64"), "there is no encoding"),
        ("email,name\n", ("--encoding", "undefined"), "there is no encoding"),
        ("email,name\n", ("--dry-run", "--batch-size", "51"), "batch_size"),
        ("email,name\n", ("--dry-run", "--concurrency", "0"), "concurrency"),
        ("email,name\n", ("--delimiter", "ab"), "one character"),
        ("email,name\n", ("--batch-size", "51"), "batch_size"),
        ("email,name\n", ("--concurrency", "0"), "concurrency"),
        ("\0e\0m\0a\0i\0l\0\n", (), "--encoding"),
    ],
)
def test_wrong_input_is_told_before_anything_is_sent(
    havn: Typing, users: Path, company: SandboxCompany, content: str, options: tuple[str, ...], word: str
) -> None:
    """A file or an option that can't be right exits with 2."""
    users.write_text(content)
    said = havn("users", "sync", users, *options)
    assert (said.code, word in said.err) == (2, True)
    assert company.requests() == []


def test_standard_input_is_a_file_too(
    havn: Typing, company: SandboxCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` reads standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert havn("users", "sync", "-").code == 0
    assert len(sent(company)) == 2


def test_a_sync_goes_on_where_the_network_failed(
    havn: Typing, users: Path, company: SandboxCompany, tmp_path: Path
) -> None:
    """After a lost answer the same command goes on: what was counted is not sent again, and it says so."""
    users.write_text(many(60))
    command = (
        "users",
        "sync",
        users,
        "--batch-size",
        "10",
        "--checkpoint",
        tmp_path / "sync",
        "--max-retries",
        "0",
    )
    company.add_fault("reset_before", operation="syncUsers", nth=3)
    said = havn(*command)
    assert (said.code, "20 synced" in said.out) == (3, True)
    assert "goes on from" in said.err
    said = havn(*command, "--json")
    assert (said.code, said.document["succeeded"], said.document["finished"]) == (0, 60, True)
    assert len(set(sent(company))) == 60
    assert "60 synced" in havn(*command).out
    company.clear_faults()
    before = len(sent(company))
    users.write_text(many(65))
    assert "65 synced" in havn(*command).out
    assert sent(company)[before:] == [f"user{n}@example.com" for n in range(60, 65)]


def test_a_checkpoint_of_another_file_is_refused(
    havn: Typing, users: Path, tmp_path: Path, company: SandboxCompany
) -> None:
    """A checkpoint belongs to its users and its options."""
    users.write_text(many(3))
    command = ("users", "sync", users, "--checkpoint", tmp_path / "sync")
    assert havn(*command).code == 0
    users.write_text(many(3).replace("user1@", "other@"))
    said = havn(*command)
    assert (said.code, "checkpoint: was made with other users" in said.err) == (2, True)
    assert len(sent(company)) == 3


@pytest.mark.parametrize(("content", "word"), [("notes\n", "something else than failures"), (None, "itself")])
def test_failures_overwrite_nothing_else(
    havn: Typing, users: Path, tmp_path: Path, content: str | None, word: str
) -> None:
    """A file that is not of failures stays as it is, the file of users above all."""
    users.write_text(GOOD)
    place = users if content is None else tmp_path / "notes.txt"
    before = GOOD if content is None else content
    place.write_text(before)
    said = havn("users", "sync", users, "--failures", place)
    assert (said.code, word in said.err, place.read_text()) == (2, True, before)


def test_failures_that_can_not_be_written_are_printed(
    havn: Typing, users: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that is no place is told before anything is sent; a disk that is full costs no row."""
    users.write_text("email,name\n" + "nobody,Nobody\n" * 20)
    said = havn("users", "sync", users, "--failures", tmp_path / "nowhere" / "failed.csv")
    assert (said.code, "folder that is not there" in said.err) == (2, True)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("havn_ext.cli.failed_rows.write", fail)
    said = havn("users", "sync", users, "--failures", tmp_path / "failed.csv")
    assert (said.code, said.out.count("is not an e-mail address")) == (1, 20)
    assert "can't be written: No space left on device" in said.err


def test_a_long_list_of_failures_is_cut_where_a_file_has_it(havn: Typing, users: Path, tmp_path: Path) -> None:
    """Ten are shown, and how many more the file has."""
    users.write_text("email,name\n" + "nobody,Nobody\n" * 20)
    said = havn("users", "sync", users, "--failures", tmp_path / "failed.csv")
    assert (said.out.count("is not an e-mail address"), "… and 10 more" in said.out) == (10, True)
    assert havn("users", "sync", users).out.count("is not an e-mail address") == 20


def test_failures_are_for_their_owner(havn: Typing, users: Path, tmp_path: Path) -> None:
    """Rows are personal data: nobody else can read the file."""
    users.write_text(BAD)
    havn("users", "sync", users, "--failures", tmp_path / "failed.csv")
    assert (tmp_path / "failed.csv").stat().st_mode & 0o777 == 0o600


def test_options_reach_havn(havn: Typing, users: Path, company: SandboxCompany) -> None:
    """What all users share goes along with each call; a user's own value is the user's."""
    users.write_text("email,name,is_owner\nana@example.com,Ana,no\nbudi@example.com,Budi,\n")
    assert havn("users", "sync", users, "--is-owner", "--upline-code", "HAVN-MJ-001").code == 0
    (call,) = company.requests(operation="syncUsers")
    body = json.loads(company.request(call["id"])["request"]["body"]["text"])
    assert (body["is_owner"], body["upline_code"]) == (True, "HAVN-MJ-001")
    assert [user.get("is_owner") for user in body["users"]] == [False, None]


# ── ends that come too early ─────────────────────────────────────────────────────────────────────────


def with_a_bad_row(count: int) -> str:
    """A file of so many users, the third of which has no address."""
    return many(count).replace("user2@example.com", "nobody")


def press(monkeypatch: pytest.MonkeyPatch, *rows: int) -> None:
    """Presses Ctrl-C when these rows are taken, counted from 1."""

    class Pressed(Feed):
        def __next__(self) -> Mapping[str, Any]:
            user = super().__next__()
            for _ in range(rows.count(self.taken)):
                signal.raise_signal(signal.SIGINT)
            return user

    monkeypatch.setattr("havn_ext.cli.sync_run.Feed", Pressed)


@pytest.fixture
def failed(tmp_path: Path) -> Path:
    """A place for the rows that fail."""
    return tmp_path / "failed.csv"


@pytest.fixture
def command(users: Path, failed: Path, tmp_path: Path) -> tuple[object, ...]:
    """A sync by tens that goes on and keeps what failed."""
    places = ("--checkpoint", tmp_path / "sync", "--failures", failed)
    return ("users", "sync", users, "--batch-size", "10", "--max-retries", "0", *places)


def lines_of(failed: Path) -> list[str]:
    """The lines that a file of failures names."""
    return [row[0] for row in csv.reader(io.StringIO(failed.read_text(encoding="utf-8-sig")))][1:]


@pytest.mark.parametrize("presses", [(15,), (15, 15), (30,)])
def test_ctrl_c_before_anything_is_sent_loses_nothing(
    havn: Typing,
    users: Path,
    failed: Path,
    command: tuple[object, ...],
    company: SandboxCompany,
    monkeypatch: pytest.MonkeyPatch,
    presses: tuple[int, ...],
) -> None:
    """While users of an earlier run are skipped, the file of failures stays, and no checkpoint is blamed."""
    users.write_text(with_a_bad_row(60))
    company.add_fault("reset_before", operation="syncUsers", nth=4)
    assert havn(*command).code == 3
    assert lines_of(failed) == ["4"]
    calls = len(company.requests(operation="syncUsers"))
    with monkeypatch.context() as patched:
        press(patched, *presses)
        said = havn(*command)
        assert (said.code, "stands at" in said.err, lines_of(failed)) == (130, False, ["4"])
        if presses != (30,):  # with the last of them nothing is left to skip
            assert "interrupted before anything was sent" in said.err
            assert said.out == ""
            assert havn(*command, "--json").document["interrupted"] is True
    assert len(company.requests(operation="syncUsers")) == calls
    assert "60 rows: 59 synced, 1 failed" in havn(*command).out
    assert lines_of(failed) == ["4"]


def test_ctrl_c_with_a_call_that_fails_claims_nothing(
    havn: Typing,
    users: Path,
    command: tuple[object, ...],
    company: SandboxCompany,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not everything was answered, and something may be sent twice: neither is denied."""
    users.write_text(many(60))
    company.add_fault("reset_before", operation="syncUsers", nth=3)
    press(monkeypatch, 25)
    said = havn(*command)
    assert (said.code, "20 synced" in said.out) == (130, True)
    assert "everything that was sent is answered" not in said.err
    assert "nothing is sent twice" not in said.err
    assert "no more than the calls under way are sent again" in said.err


def test_a_checkpoint_that_can_not_be_written_loses_no_failure(
    havn: Typing, users: Path, failed: Path, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk ends the sync with a report and the rows that failed so far, and is named."""
    users.write_text("email,name\n" + "nobody,Nobody\n" * 400)
    connect = _checkpoint_file._connect

    def connect_to_little(place: Path) -> sqlite3.Connection:
        connection = connect(place)
        connection.execute("PRAGMA max_page_count = 4")
        return connection

    monkeypatch.setattr(_checkpoint_file, "_connect", connect_to_little)
    said = havn(*command)
    assert said.code == 1
    assert "checkpoint can't be written: database or disk is full" in said.err
    assert "is not an e-mail address" in said.out
    assert len(lines_of(failed)) >= 10


def test_a_file_that_can_not_be_read_on_loses_no_failure(
    havn: Typing, users: Path, failed: Path, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does a file that breaks off."""
    users.write_text(with_a_bad_row(60))
    rows = UserFile.rows

    def broken(file: UserFile) -> Iterator[Row]:
        for number, row in enumerate(rows(file)):
            if number == 25:
                raise OSError(5, "Input/output error")
            yield row

    monkeypatch.setattr(UserFile, "rows", broken)
    said = havn(*command)
    assert (said.code, "20 rows: 19 synced, 1 failed" in said.out) == (1, True)
    assert "FILE can't be read any further: Input/output error" in said.err
    assert lines_of(failed) == ["4"]


def test_text_that_turns_out_to_be_none_is_no_wrong_usage(
    havn: Typing, users: Path, failed: Path, command: tuple[object, ...], company: SandboxCompany
) -> None:
    """Exit code 2 says that nothing was sent; once something was, it is 1, with a report and the failures."""
    users.write_bytes(with_a_bad_row(1000).encode("utf-16") + b"\x00\xd8a\x00")
    command = (*command, "--encoding", "utf-16")
    said = havn(*command)
    assert (said.code, "--encoding" in said.err, len(sent(company)) > 0) == (1, True, True)
    assert f"{len(sent(company))} synced, 1 failed" in said.out
    with failed.open(encoding="utf-16", newline="") as text:
        assert [row[0] for row in csv.reader(text)] == ["havn_line", "4"]


def test_signals_while_failures_are_written_lose_none(
    havn: Typing, users: Path, failed: Path, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once all is sent there is nothing to stop: what failed is written and told, however often one presses."""
    users.write_text(with_a_bad_row(20))
    write = failed_rows.write

    def pressed(*arguments: Any) -> None:
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
        write(*arguments)

    monkeypatch.setattr(failed_rows, "write", pressed)
    said = havn(*command)
    assert (said.code, "20 rows: 19 synced, 1 failed" in said.out, lines_of(failed)) == (1, True, ["4"])
    press(monkeypatch, 5)
    failed.unlink()
    (failed.parent / "sync").unlink()
    said = havn(*command)
    assert (said.code, lines_of(failed)) == (130, ["4"])


def test_a_signal_needs_nobody_to_read_of_it(
    havn: Typing, users: Path, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard error may be closed by then; the sync stops all the same."""

    def fail(*_: object) -> None:
        raise BrokenPipeError

    users.write_text(many(60))
    monkeypatch.setattr("havn_ext.cli.sync_run.os.write", fail)
    press(monkeypatch, 15)
    assert havn(*command).code == 130


def test_failures_without_a_place_are_printed(havn: Typing, users: Path, failed: Path) -> None:
    """What HAVN says of nobody in particular is in no file, so it is told whole; no reason is lost to another."""
    users.write_text(many(20))
    errors = [*({"index": 0, "error": why} for why in ("one", "two")), *({"error": "lost"} for _ in range(15))]
    body = json.dumps({"success": True, "results": [], "errors": errors}).encode()
    with serving(body=body) as url:
        said = havn("users", "sync", users, "--failures", failed, "--base-url", url)
    assert (said.code, said.out.count("a row: lost")) == (1, 15)
    written = failed.read_text(encoding="utf-8-sig")
    assert ("one" in written, "two" in written + said.out) == (True, True)
    assert "HAVN's answer does not tell which they are" in said.err


def test_failures_hold_no_credential(havn: Typing, users: Path, failed: Path, company: SandboxCompany) -> None:
    """A credential that HAVN repeats is masked, on the screen and in the file; rows keep their addresses."""
    users.write_text(many(1))
    error = f"user0@example.com is not of {company.webhook_secret}"
    body = json.dumps({"success": True, "results": [], "errors": [{"index": 0, "error": error}]}).encode()
    with serving(body=body) as url:
        said = havn("users", "sync", users, "--failures", failed, "--base-url", url)
    written = failed.read_text(encoding="utf-8-sig")
    assert company.webhook_secret not in said.out + said.err + written
    assert "u****@example.com is not of ****" in said.out
    assert "user0@example.com is not of ****" in written


@pytest.mark.parametrize("taken", ["FILE", "--failures"])
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_checkpoint_is_a_file_of_its_own(
    havn: Typing, users: Path, tmp_path: Path, company: SandboxCompany, taken: str, more: tuple[str, ...]
) -> None:
    """It overwrites neither the users nor what failed, by whatever name."""
    users.write_text(GOOD)
    place = users if taken == "FILE" else tmp_path / "failed.csv"
    (tmp_path / "link").symlink_to(place)
    said = havn(
        "users", "sync", users, "--checkpoint", tmp_path / "link", "--failures", tmp_path / "failed.csv", *more
    )
    assert (said.code, f"is the same file as {taken}" in said.err) == (2, True)
    assert (users.read_text(), company.requests()) == (GOOD, [])


def test_a_dry_run_tells_what_it_can_not_write(
    havn: Typing, users: Path, failed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file of failures can't be written, the bad rows are told all the same."""
    users.write_text(BAD)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("havn_ext.cli.failed_rows.write", fail)
    said = havn("users", "sync", users, "--dry-run", "--failures", failed)
    assert (said.code, said.out.splitlines()[-1]) == (1, "5 rows: 2 good, 3 bad")
    assert "can't be written: No space left on device" in said.err
    users.write_text(GOOD)
    assert havn("users", "sync", users, "--dry-run", "--failures", failed).code == 1
