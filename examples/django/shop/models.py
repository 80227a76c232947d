"""What the shop sells, to whom, and what was paid. Amounts are US cents."""

from django.conf import settings
from django.db import models


class Customer(models.Model):
    """A user of the shop, and the referral link that brought them here.

    Both codes are empty for customers who came by themselves.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    referral_code = models.CharField(max_length=50, blank=True)
    voucher_code = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return self.user.get_username()


class Product(models.Model):
    """Something that the shop sells."""

    name = models.CharField(max_length=100, unique=True)
    price = models.PositiveIntegerField(help_text="US cents")

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """A product that a customer has paid."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    payment_id = models.CharField(max_length=100, unique=True, help_text="the payment gateway's")
    subtotal = models.PositiveIntegerField(help_text="US cents, before the discount")
    amount = models.PositiveIntegerField(help_text="US cents that were paid")
    voucher_code = models.CharField(max_length=100, blank=True)
    paid_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The newest first."""

        ordering = ("-paid_at",)

    def __str__(self) -> str:
        return self.payment_id
