from typing import Literal

VoucherSortBy = Literal[
    "code",
    "created_date",
    "current_usage",
    "end_date",
    "min_purchase",
    "start_date",
    "type",
    "usage_limit",
    "value",
]

VOUCHER_SORT_BY_VALUES: set[VoucherSortBy] = {
    "code",
    "created_date",
    "current_usage",
    "end_date",
    "min_purchase",
    "start_date",
    "type",
    "usage_limit",
    "value",
}


def check_voucher_sort_by(value: str) -> VoucherSortBy:
    if value in VOUCHER_SORT_BY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {VOUCHER_SORT_BY_VALUES!r}")
