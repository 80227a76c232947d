"""Something to buy."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PRODUCTS = {"Starter plan": 4900, "Team plan": 10000, "Company plan": 49900}


def add_products(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Adds those that are not there."""
    product = apps.get_model("shop", "Product")
    for name, price in PRODUCTS.items():
        product.objects.get_or_create(name=name, defaults={"price": price})


class Migration(migrations.Migration):
    """Adds the products; going back leaves them, orders may name them."""

    dependencies = (("shop", "0001_initial"),)
    operations = (migrations.RunPython(add_products, migrations.RunPython.noop),)
