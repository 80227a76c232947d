"""What a product costs a customer, and the payment: order and promise to report it commit together."""

import logging
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from havn_ext import HAVNError
from havn_ext.integrations.django import client, outbox
from shop.models import Customer, Order, Product

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Price:
    """What a product costs, in US cents, and what is to be said about it."""

    subtotal: int
    discount: int = 0
    voucher_code: str = ""
    notice: str = ""

    @property
    def amount(self) -> int:
        """What is to be paid."""
        return self.subtotal - self.discount


class PriceChangedError(Exception):
    """The price is not the one that the customer has agreed to."""


def price_for(customer: Customer, product: Product) -> Price:
    """The price, with the voucher of the referral link on the first purchase. Asks HAVN about the voucher.

    A checkout must not wait for HAVN: two seconds, one try, and the customer is told.
    """
    code = customer.voucher_code
    if not code or customer.orders.exists():
        return Price(product.price)
    try:
        havn = client().with_options(timeout=2, max_retries=0)
        found = havn.vouchers.get_all(search=code, currency="USD", per_page=100).data
    except HAVNError:
        logger.warning("no price with the voucher of customer %s", customer.pk, exc_info=True)
        return Price(product.price, notice="We can't check your voucher at the moment; please try again soon.")
    usable = (
        voucher
        for voucher in found
        if voucher.code == code
        and voucher.usable_at(timezone.now())
        and voucher.client_type in {None, "NEW_CUSTOMER"}
    )
    discount = next((voucher.discount_for(product.price) for voucher in usable), 0)
    if not discount:
        return Price(product.price, notice="Your voucher is not good for this purchase.")
    return Price(product.price, discount, code)


def pay(customer: Customer, product: Product, agreed: str) -> Order:
    """Takes the payment.

    Args:
        customer: Who buys.
        product: What is bought.
        agreed: US cents that the customer was shown and has agreed to, as the form has sent them.

    Raises:
        PriceChangedError: The price is another one by now; nothing was paid.
    """
    price = price_for(customer, product)  # may take a while, so outside of the transaction
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        is_first = not customer.orders.exists()
        if str(price.amount) != agreed or (price.discount and not is_first):
            raise PriceChangedError
        order = Order.objects.create(
            customer=customer,
            product=product,
            payment_id=charge(price.amount),
            subtotal=price.subtotal,
            amount=price.amount,
            voucher_code=price.voucher_code,
        )
        if order.amount:  # what costs nothing is no transaction
            outbox.transaction(
                amount=order.amount,
                payment_gateway_transaction_id=order.payment_id,
                customer_email=customer.user.email,
                customer_id=str(customer.pk),
                referral_code=customer.referral_code,
                promo_code=order.voucher_code,
                subtotal_transaction=order.subtotal if order.voucher_code else None,
                customer_type="NEW_CUSTOMER" if is_first else "RETURNING_CUSTOMER",
                description=product.name,
            )
    return order


def charge(amount: int) -> str:
    """In place of a payment gateway, which gives the payment an id.

    A real one is never called inside of the transaction: its webhook tells that money came, and *that* handler has
    the block of `pay`.
    """
    logger.info("charged %s US cents", amount)
    return f"pay_{uuid.uuid4().hex[:16]}"
