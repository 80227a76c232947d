"""Whoever logs in, or signs up, is attached to the referral link that they came by."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from havn_ext import is_valid_referral_code
from havn_ext.integrations.django import referral
from shop.models import Customer


@receiver(user_logged_in)
def attach_referral_link(request: HttpRequest, user: AbstractUser, **_: Any) -> None:  # noqa: ANN401  Django's
    """Keeps both codes with a customer who has bought nothing yet; the first link that brought them counts.

    In either case the browser forgets the link: whoever uses it next is somebody else.
    """
    customer, _created = Customer.objects.get_or_create(user=user)
    visit = referral(request)
    code = visit.link.referral_code if visit.link else None
    if customer.orders.exists() or (code and not is_valid_referral_code(code)):  # no code of HAVN's
        visit.forget()
    elif visit.attach(customer):
        customer.save()
