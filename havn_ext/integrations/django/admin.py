"""The outbox in Django's admin: what stands where, and what a person may do about it.

Nothing is edited: a message is what was signed for. Addresses are masked; credentials are not in the outbox.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone
from django.utils.html import format_html

from havn_ext._redaction import redact
from havn_ext.integrations.django.conf import configuration, store
from havn_ext.integrations.django.models import Message, Pause
from havn_ext.outbox.messages import MICROSECONDS
from havn_ext.outbox.states import KINDS, STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin

__all__ = ["MessageAdmin", "PauseAdmin"]


class _OneOf(admin.SimpleListFilter):
    """A filter by one column, whose values are known without asking a large table."""

    def values(self) -> Iterable[str]:
        """Those that the column may have."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """The values, as Django wants them."""
        del request, model_admin
        return [(value, value) for value in self.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that have the value chosen."""
        del request
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class _StateFilter(_OneOf):
    title = parameter_name = "state"

    def values(self) -> Iterable[str]:
        return STATES


class _KindFilter(_OneOf):
    title = parameter_name = "kind"

    def values(self) -> Iterable[str]:
        return KINDS


class _AccountFilter(_OneOf):
    title = parameter_name = "account"

    def values(self) -> Iterable[str]:
        return configuration().accounts


class _ReadOnlyAdmin(_ModelAdmin):
    """Rows of the outbox's database, to look at, and to choose for an action."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those of the database that the outbox is in."""
        return super().get_queryset(request).using(configuration().database)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: what is in the outbox was enqueued."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may take actions; nobody edits a row."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: messages are cancelled, and purged in time."""
        del request, obj
        return False

    def _tell(self, request: HttpRequest, rows: QuerySet[Any], chosen: int, what: str) -> None:
        """Writes the rows that were changed into the admin's log, and tells how many of those chosen."""
        changed = len(rows)
        _log(request, rows, what)
        if changed:
            self.message_user(request, f"{changed} {what}", messages.SUCCESS)
        if chosen > changed:
            left = f"{chosen - changed} unchanged: in a state that forbids it, or in delivery"
            self.message_user(request, left, messages.WARNING)


@admin.register(Message)
class MessageAdmin(_ReadOnlyAdmin):
    """Messages."""

    list_display = ("id", "standing", "kind", "shown_key", "account", "attempts", "next_try", "problem")
    list_display_links = ("id", "shown_key")
    list_filter = (_StateFilter, _KindFilter, _AccountFilter)
    search_fields = ("dedup_key__startswith",)
    search_help_text = "A payment id, or its beginning."
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False  # which would count the whole table for every page
    actions = ("retry", "cancel")
    fields = (
        "id",
        "standing",
        "kind",
        "shown_key",
        "account",
        "shown_order_key",
        "attempts",
        "claims",
        "next_try",
        "leased_by",
        "last_status",
        "problem",
        "enqueued",
        "perhaps_processed",
        "finished",
        "shown_payload",
        "payload_sha256",
        "shown_response",
    )

    @admin.display(description="state", ordering="state")
    def standing(self, message: Message) -> str:
        """The state; `delivering` while a worker has the message."""
        leased = message.leased_by is not None and message.available_at > timezone.now().timestamp() * MICROSECONDS
        return "delivering" if message.state == "pending" and leased else message.state

    @admin.display(description="key", ordering="dedup_key")
    def shown_key(self, message: Message) -> str:
        """The payment id."""
        return redact(message.dedup_key)

    @admin.display(description="order key", empty_value="-")
    def shown_order_key(self, message: Message) -> str | None:
        """What orders the message among others."""
        return message.order_key and redact(message.order_key)

    @admin.display(description="next try", ordering="available_at")
    def next_try(self, message: Message) -> datetime | None:
        """When it is due; when its lease lapses, while a worker has it."""
        return _moment(message.available_at) if message.state == "pending" else None

    @admin.display(description="last error")
    def problem(self, message: Message) -> str | None:
        """What went wrong the last time."""
        return message.last_error and redact(message.last_error)

    @admin.display(description="enqueued")
    def enqueued(self, message: Message) -> datetime | None:
        """When it was enqueued."""
        return _moment(message.created_at)

    @admin.display(description="perhaps processed by HAVN")
    def perhaps_processed(self, message: Message) -> datetime | None:
        """When HAVN may first have processed it without our knowing."""
        return _moment(message.ambiguous_at)

    @admin.display(description="finished")
    def finished(self, message: Message) -> datetime | None:
        """When it came to its end."""
        return _moment(message.finished_at)

    @admin.display(description="payload")
    def shown_payload(self, message: Message) -> SafeString | None:
        """What is sent, with addresses masked."""
        return _pretty(message.payload)

    @admin.display(description="HAVN's answer")
    def shown_response(self, message: Message) -> SafeString | None:
        """What HAVN said, with addresses masked."""
        return _pretty(message.response)

    @admin.action(description="Retry now, with all attempts before them", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Makes messages due at once."""
        self._change(request, queryset, store().retry, "due again")

    @admin.action(description="Cancel: never deliver", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Takes messages out of delivery for good."""
        self._change(request, queryset, store().cancel, "cancelled")

    def _change(
        self,
        request: HttpRequest,
        queryset: QuerySet[Message],
        change: Callable[[Iterable[int]], set[int]],
        what: str,
    ) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        changed = change(chosen)
        self._tell(request, self.get_queryset(request).filter(pk__in=changed), len(chosen), what)


@admin.register(Pause)
class PauseAdmin(_ReadOnlyAdmin):
    """Accounts whose messages wait."""

    list_display = ("account", "since", "why")
    fields = ("account", "since", "why")
    actions = ("resume",)

    @admin.display(description="paused")
    def since(self, pause: Pause) -> datetime | None:
        """When it was paused."""
        return _moment(pause.paused_at)

    @admin.display(description="reason")
    def why(self, pause: Pause) -> str:
        """What HAVN said."""
        return redact(pause.reason)

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Pause]) -> None:
        """Lets accounts go on."""
        _log(request, queryset, "resumed")
        resumed = [account for account in queryset.values_list("pk", flat=True) if store().resume(account)]
        self.message_user(request, f"resumed: {', '.join(resumed)}", messages.SUCCESS)


def _log(request: HttpRequest, rows: QuerySet[Any], what: str) -> None:
    """Writes into the admin's log who changed these rows."""
    user: Any = request.user
    LogEntry.objects.log_actions(user.pk, rows, CHANGE, what)


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else datetime.fromtimestamp(microseconds / MICROSECONDS, UTC)


def _pretty(document: str | None) -> SafeString | None:
    if document is None:
        return None
    return format_html("<pre>{}</pre>", redact(json.dumps(json.loads(document), indent=2, ensure_ascii=False)))
