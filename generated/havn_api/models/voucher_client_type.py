from typing import Literal

VoucherClientType = Literal["NEW_CUSTOMER", "RECURRING"]

VOUCHER_CLIENT_TYPE_VALUES: set[VoucherClientType] = {
    "NEW_CUSTOMER",
    "RECURRING",
}


def check_voucher_client_type(value: str) -> VoucherClientType:
    if value in VOUCHER_CLIENT_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {VOUCHER_CLIENT_TYPE_VALUES!r}")
