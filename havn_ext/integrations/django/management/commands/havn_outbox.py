"""`manage.py havn_outbox …`: `havn outbox …` on the project's own database, with its own settings."""

from __future__ import annotations

import argparse
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, cast

import attrs
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand
from django.core.management.base import CommandError as DjangoCommandError
from django.db import Error, ProgrammingError

from havn_ext.cli import outbox
from havn_ext.integrations.django import conf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from django.core.management.base import CommandParser

    from havn_ext.outbox.delivery import ClientSender
    from havn_ext.outbox.store import Store

__all__ = ["Command"]


class Command(BaseCommand):
    """See `havn_ext.cli.outbox`."""

    help = "Delivers what is in HAVN's outbox, and looks after it."
    requires_system_checks = ()  # each subcommand says itself what it lacks

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the subcommands."""
        outbox.add_commands(parser, argparse.ArgumentParser(add_help=False))

    def handle(self, *_: object, **options: Any) -> None:  # noqa: ANN401  as Django has it
        """Carries out a subcommand.

        Raises:
            CommandError: All is not well; its return code is that of `havn outbox`.
        """
        from havn_ext.cli.outbox_commands import CommandError, carry_out  # noqa: PLC0415  as heavy as it is

        try:
            with redirect_stdout(cast("TextIO", self.stdout)):
                carry_out(argparse.Namespace(**options), _Surroundings())
        except CommandError as error:
            raise DjangoCommandError(str(error), returncode=error.code) from error
        except ImproperlyConfigured as error:
            raise DjangoCommandError(str(error)) from error


@attrs.frozen
class _Surroundings:
    """See `Surroundings`."""

    errors: tuple[type[Exception], ...] = (Error,)
    defect: type[Exception] = ProgrammingError
    migrating: str = "manage.py migrate havn"

    def store(self) -> Store:
        """See `Surroundings`."""
        return conf.store()

    @staticmethod
    def rates() -> None:
        """See `Surroundings`: Django's connections are no engine, which the limiter's store needs."""

    def sender(self, accounts: Sequence[str] | None, timeout: float) -> ClientSender:
        """See `Surroundings`."""
        return conf.sender(accounts, timeout=timeout)
