"""What the shop's customers call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import JsonResponse
from integration.django.shop.models import Order

from havn_ext.integrations.django import outbox

if TYPE_CHECKING:
    from django.http import HttpRequest


class CardRefusedError(Exception):
    """The bank said no after all."""


def place(payment_id: str, amount: int, *, refused: bool = False) -> int:
    """Takes an order; order and message commit together."""
    with transaction.atomic():
        Order.objects.create(payment_id=payment_id, amount=amount)
        message = outbox.transaction(
            amount=amount,
            payment_gateway_transaction_id=payment_id,
            customer_email="ann@shop.example",
            referral_code="HAVN-MJ-001",
        )
        if refused:
            raise CardRefusedError
    return message


def order(request: HttpRequest, payment_id: str) -> JsonResponse:
    """Takes an order."""
    try:
        message = place(payment_id, int(request.POST["amount"]), refused="refused" in request.POST)
    except CardRefusedError:
        return JsonResponse({"refused": payment_id}, status=402)
    return JsonResponse({"message": message}, status=201)


async def order_async(request: HttpRequest, payment_id: str) -> JsonResponse:
    """Takes an order in an asynchronous view."""
    message = await sync_to_async(place)(payment_id, int(request.POST["amount"]))
    return JsonResponse({"message": message}, status=201)
