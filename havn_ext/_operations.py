"""The pure half of the generated client: from a request model to method, path, query, headers and JSON.

The other half of each generated endpoint sends and parses; the SDK does that itself (see `_exchange`).
The generator marks these functions as private, and they are what `tests/generated` holds it to.
"""
# pyright: reportPrivateUsage=false

from havn_api.api.auth.create_login_link import _get_kwargs as create_login_link
from havn_api.api.transactions.send_transaction import _get_kwargs as send_transaction
from havn_api.api.users.sync_users import _get_kwargs as sync_users
from havn_api.api.vouchers.list_vouchers import _get_kwargs as list_vouchers
from havn_api.api.vouchers.validate_voucher import _get_kwargs as validate_voucher

__all__ = ["create_login_link", "list_vouchers", "send_transaction", "sync_users", "validate_voucher"]
