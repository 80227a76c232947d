"""The shop, as Django gets to know it."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """The shop."""

    name = "shop"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Has logins attach the referral link."""
        from shop import signals  # noqa: F401, PLC0415  connects itself, once the models are there
