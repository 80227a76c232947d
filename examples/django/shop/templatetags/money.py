"""Money for people."""

from django import template

from havn_ext import to_major_units

register = template.Library()


@register.filter
def dollars(cents: int) -> str:
    """US cents as `12.34 USD`."""
    return f"{to_major_units(cents, 'USD'):.2f} USD"
