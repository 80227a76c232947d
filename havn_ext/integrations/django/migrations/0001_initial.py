"""The outbox's tables as they were first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import migrations, models

from havn_ext.integrations.django.fields import NameField
from havn_ext.integrations.django.lookups import NotEqual

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_STORED: Final = "fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000"
"""Rows are rewritten some four times in their lives; Django's models have no word for this."""


def store_for_updates(_: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Leaves room in PostgreSQL's pages for the next version of a row, and has them cleaned early."""
    if editor.connection.vendor == "postgresql":
        editor.execute(f"ALTER TABLE havn_outbox SET ({_STORED})")


class Migration(migrations.Migration):
    """Creates both tables."""

    initial = True
    operations = (
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("account", NameField(max_length=100, primary_key=True, serialize=False)),
                ("paused_at", models.BigIntegerField()),
                ("reason", models.TextField()),
            ],
            options={"verbose_name": "paused account", "db_table": "havn_outbox_pause"},
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=20)),
                ("dedup_key", models.TextField(verbose_name="key")),
                ("order_key", models.TextField(null=True)),
                ("payload", models.TextField(null=True)),
                ("payload_sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the payload")),
                ("state", models.CharField(db_default="pending", max_length=10)),
                ("available_at", models.BigIntegerField()),
                ("lease_epoch", models.IntegerField(db_default=0)),
                ("leased_by", models.TextField(null=True)),
                ("claims", models.IntegerField(db_default=0)),
                ("attempts", models.IntegerField(db_default=0)),
                ("ambiguous_at", models.BigIntegerField(null=True)),
                ("created_at", models.BigIntegerField()),
                ("finished_at", models.BigIntegerField(null=True)),
                ("last_status", models.SmallIntegerField(null=True)),
                ("last_error", models.TextField(null=True)),
                ("response", models.TextField(null=True)),
            ],
            options={
                "verbose_name": "outbox message",
                "db_table": "havn_outbox",
                "indexes": [
                    models.Index(
                        fields=["account", "kind", "available_at", "id"],
                        name="havn_outbox_due",
                        condition=models.Q(("state", "pending")),
                    ),
                    models.Index(
                        fields=["account", "order_key", "id"],
                        name="havn_outbox_order",
                        condition=models.Q(("order_key__isnull", False), NotEqual(models.F("state"), "delivered")),
                    ),
                    models.Index(
                        fields=["state", "finished_at"],
                        name="havn_outbox_state",
                        condition=models.Q(NotEqual(models.F("state"), "pending")),
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "kind", "dedup_key"), name="havn_outbox_key")
                ],
            },
        ),
        migrations.RunPython(store_for_updates, migrations.RunPython.noop),
    )
