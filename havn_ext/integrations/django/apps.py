"""The app, as Django gets to know it."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["HavnConfig"]


class HavnConfig(AppConfig):
    """HAVN's outbox."""

    name = "havn_ext.integrations.django"
    label = "havn"
    verbose_name = "HAVN"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Has Django run our checks with its own."""
        from havn_ext.integrations.django import checks  # noqa: PLC0415  not before the settings are there

        checks.register_all()
