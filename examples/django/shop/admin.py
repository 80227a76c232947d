"""The shop's back office; HAVN's own entries, the outbox, are there by themselves."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from havn_ext.integrations.django.models import Message
from shop.models import Customer, Order, Product


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """What is sold."""

    list_display = ("name", "price")


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Who has come by whose recommendation."""

    list_display = ("user", "referral_code", "voucher_code")
    list_filter = ("referral_code",)


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    """What was paid, and whether HAVN knows."""

    list_display = ("payment_id", "customer", "product", "amount", "voucher_code", "report")
    list_select_related = ("customer__user", "product")

    @admin.display(description="reported to HAVN")
    def report(self, order: Order) -> str:
        """The state of the message, which leads to it."""
        message = Message.objects.filter(kind="transaction", dedup_key=order.payment_id).first()
        if message is None:
            return "-"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:havn_message_change", args=[message.pk]), message.state
        )

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  Django's signature
        """Orders are paid in the shop."""
        return False
