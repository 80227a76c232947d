# ruff: noqa: DJ001  null is what the store writes where a text is absent, and tells it from an empty one
"""The outbox's tables as Django sees them, column by column those of `havn_ext.outbox.tables`.

For the admin and for migrations alone: what writes is the outbox's own SQL. Moments are integers, microseconds
since 1970-01-01 UTC.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Index, Q, UniqueConstraint

from havn_ext.integrations.django.fields import NameField
from havn_ext.integrations.django.lookups import NotEqual

__all__ = ["Message", "Pause"]


class Message(models.Model):
    """A message of the outbox."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    account: models.CharField[str, str] = models.CharField(max_length=100)
    kind: models.CharField[str, str] = models.CharField(max_length=20)
    dedup_key: models.TextField[str, str] = models.TextField(verbose_name="key")
    order_key: models.TextField[str | None, str | None] = models.TextField(null=True)
    payload: models.TextField[str | None, str | None] = models.TextField(null=True)
    payload_sha256: models.CharField[str, str] = models.CharField(
        max_length=64, verbose_name="SHA-256 of the payload"
    )
    state: models.CharField[str, str] = models.CharField(max_length=10, db_default="pending")
    available_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    lease_epoch: models.IntegerField[int, int] = models.IntegerField(db_default=0)
    leased_by: models.TextField[str | None, str | None] = models.TextField(null=True)
    claims: models.IntegerField[int, int] = models.IntegerField(db_default=0)
    attempts: models.IntegerField[int, int] = models.IntegerField(db_default=0)
    ambiguous_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    finished_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    last_status: models.SmallIntegerField[int | None, int | None] = models.SmallIntegerField(null=True)
    last_error: models.TextField[str | None, str | None] = models.TextField(null=True)
    response: models.TextField[str | None, str | None] = models.TextField(null=True)

    class Meta:
        """The names of the table and of what belongs to it."""

        db_table = "havn_outbox"
        verbose_name = "outbox message"
        constraints = (UniqueConstraint(fields=("account", "kind", "dedup_key"), name="havn_outbox_key"),)
        indexes = (
            Index(
                fields=("account", "kind", "available_at", "id"),
                name="havn_outbox_due",
                condition=Q(state="pending"),
            ),
            Index(
                fields=("account", "order_key", "id"),
                name="havn_outbox_order",
                condition=Q(order_key__isnull=False) & Q(NotEqual(F("state"), "delivered")),
            ),
            Index(
                fields=("state", "finished_at"),
                name="havn_outbox_state",
                condition=Q(NotEqual(F("state"), "pending")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Pause(models.Model):
    """An account whose messages wait for a person; one that has no row here goes on."""

    account: NameField = NameField(max_length=100, primary_key=True)
    paused_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    reason: models.TextField[str, str] = models.TextField()

    class Meta:
        """The name of the table."""

        db_table = "havn_outbox_pause"
        verbose_name = "paused account"

    def __str__(self) -> str:
        return self.account
