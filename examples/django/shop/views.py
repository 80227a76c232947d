"""The shop's pages."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from havn_ext.integrations.django import store
from shop.checkout import PriceChangedError, pay, price_for
from shop.forms import SignUpForm
from shop.models import Customer, Order, Product


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """What there is to buy."""
    return render(request, "shop/products.html", {"products": Product.objects.order_by("price")})


def sign_up(request: HttpRequest) -> HttpResponse:
    """A new account; logging in attaches the referral link (`signals`)."""
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        login(request, form.save())
        return redirect("products")
    return render(request, "shop/sign_up.html", {"form": form})


@login_required
def checkout(request: HttpRequest, product_id: int) -> HttpResponse:
    """The price on GET, the payment on POST."""
    product = get_object_or_404(Product, pk=product_id)
    customer, _ = Customer.objects.get_or_create(user=request.user)
    if request.method == "POST":
        try:
            order = pay(customer, product, agreed=request.POST.get("agreed", ""))
        except PriceChangedError:
            messages.error(request, "The price has changed; you have paid nothing yet.")
        else:
            return redirect("order", payment_id=order.payment_id)
    price = price_for(customer, product)
    return render(request, "shop/checkout.html", {"product": product, "price": price, "customer": customer})


@login_required
@require_safe
def order(request: HttpRequest, payment_id: str) -> HttpResponse:
    """An order of the customer's, and what has become of its report to HAVN."""
    found = get_object_or_404(Order, payment_id=payment_id, customer__user=request.user)
    message = next(iter(store().list(kind="transaction", key=payment_id)), None)
    return render(request, "shop/order.html", {"order": found, "report": message.state if message else "none"})
