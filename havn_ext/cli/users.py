"""`havn users sync FILE`: its options. What they lead to is in `sync_run` and `sync_check`."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from havn_ext.cli.connection import command as make
from havn_ext.cli.helping import Group

if TYPE_CHECKING:
    from havn_ext.cli.connection import Connection
    from havn_ext.cli.screen import Screen

__all__ = ["command"]

_ABOUT = """\
Make the users of a file known to HAVN: CSV with a header, or JSON lines.

FILE may be - for standard input. Columns (or names) that are called like a field of a user are taken as they are: \
email, name, google_id, picture, avatar, upline_code, referral_code, country_code, create_associate, is_owner, \
project_id. email and name are required. Syncing is safe to repeat: HAVN finds a user by the address.

Ctrl-C ends it after the calls that are under way; a second one ends it at once. With --checkpoint the same \
command goes on afterwards, and after any other end, with what was not sent.

\b
havn users sync users.csv --dry-run
havn users sync users.csv --checkpoint users.sync --failures failed.csv
havn users sync crm.csv --map "E-mail=email" --map "Full name=name" --map Notes=
"""


def _mapping(_context: click.Context, _parameter: click.Parameter, entries: tuple[str, ...]) -> dict[str, str]:
    from havn_ext.cli.user_columns import FIELDS  # noqa: PLC0415  no help or completion needs it

    mapped: dict[str, str] = {}
    for entry in entries:
        column, equals, field = (part.strip() for part in entry.rpartition("="))
        if not equals or not column or column in mapped or (field and field not in FIELDS):
            raise click.BadParameter(
                f"{entry!r} must be COLUMN=FIELD, each column once; FIELD is one of {', '.join(FIELDS)}, or nothing"
            )
        mapped[column] = field
    return mapped


def _encoding(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    try:
        "a".encode(name)  # which refuses those that are no encodings of text, such as base64
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        raise click.BadParameter(f"there is no encoding {name!r}; utf-8, utf-16 and cp1252 are usual") from None


def _kept_apart(checkpoint: Path | None, file: Path, failures: Path | None) -> None:
    """Refuses a checkpoint that is another of the files."""
    for other, name in ((file, "FILE"), (failures, "--failures")):
        if checkpoint is not None and other is not None and checkpoint.resolve() == other.resolve():
            raise click.BadParameter(f"is the same file as {name}: name another one", param_hint="--checkpoint")


@click.group("users", cls=Group, help="Make users known to HAVN.")
def command() -> None:
    """See its help."""


@make("sync", _ABOUT)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the whole file, and send nothing; needs no credentials.")
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Keep here how far it came, and go on from there.",
)
@click.option(
    "--failures",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Write the rows that failed here, to mend and feed back in.",
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="COLUMN=FIELD",
    callback=_mapping,
    help="Which field a column holds; COLUMN= leaves it out. Repeatable.",
)
@click.option("--ignore-unmapped", is_flag=True, help="Leave out all columns that are no field.")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), help="Else found out.")
@click.option("--delimiter", metavar="CHARACTER", help="What stands between cells; else found out.")
@click.option("--encoding", default="utf-8", show_default=True, callback=_encoding, help="Of the file.")
@click.option(
    "--upline-code",
    metavar="CODE",
    help="Referral code of the associate above, for users without one of their own.",
)
@click.option("--referral-code", metavar="CODE", help="Referral code of an existing associate to link users to.")
@click.option(
    "--create-associate/--no-create-associate",
    default=True,
    show_default=True,
    help="Whether a user without an associate gets one.",
)
@click.option("--is-owner", is_flag=True, help="Make the associates owners instead of partners.")
@click.option("--carry-referral-code", is_flag=True, help="Link all to the referral code of the first success.")
@click.option(
    "--batch-size", type=int, metavar="N", help="Users in a call, at most 50; else USER_SYNC_BULK_MAX_SIZE, or 50."
)
@click.option("--concurrency", type=int, default=1, show_default=True, metavar="N", help="Calls at the same time.")
def _sync(
    *,
    screen: Screen,
    connection: Connection,
    file: Path,
    dry_run: bool,
    checkpoint: Path | None,
    failures: Path | None,
    mapped: dict[str, str],
    ignore_unmapped: bool,
    kind: str | None,
    delimiter: str | None,
    encoding: str,
    **terms: Any,  # noqa: ANN401  those of sync_many
) -> int:
    """See its help."""
    from havn_ext.cli import failed_rows, sync_check, sync_run, user_columns, user_files  # noqa: PLC0415  see above

    if delimiter is not None and len(delimiter.replace("\\t", "\t")) != 1:
        raise click.BadParameter("must be one character", param_hint="--delimiter")
    columns = user_columns.Columns(mapped, lenient=ignore_unmapped)
    with user_files.readable_again(None if str(file) == "-" else file) as path:
        users = user_files.UserFile.of(
            path, columns, kind=kind, encoding=encoding, delimiter=delimiter and delimiter.replace("\\t", "\t")
        )
        _kept_apart(checkpoint, users.path, failures)
        if failures is not None:
            failed_rows.check_place(failures, users)
        if dry_run:
            return sync_check.check(users, terms, failures, screen)
        return sync_run.run(users, terms, checkpoint, failures, connection, screen)


command.add_command(_sync)
