from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.currency import Currency, check_currency
from ..types import UNSET, Unset

T = TypeVar("T", bound="VoucherValidateRequest")


@_attrs_define
class VoucherValidateRequest:
    """The voucher, and what it is to be used for.

    Attributes:
        voucher_code (str): The voucher's code.
        amount (int | None | Unset): The price before the discount, in the smallest unit of `currency`.
        currency (Currency | None | Unset): Currency of `amount`; USD when absent.
    """

    voucher_code: str
    amount: int | None | Unset = UNSET
    currency: Currency | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        voucher_code = self.voucher_code

        amount = self.amount

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        elif isinstance(self.currency, str):
            currency = self.currency
        else:
            currency = self.currency

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "voucher_code": voucher_code,
            }
        )
        if amount is not UNSET:
            field_dict["amount"] = amount
        if currency is not UNSET:
            field_dict["currency"] = currency

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        voucher_code = d.pop("voucher_code")

        amount: int | None | Unset = d.pop("amount", UNSET)

        def _parse_currency(data: object) -> Currency | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                currency_type_0 = check_currency(data)

                return currency_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Currency | None | Unset, data)

        currency = _parse_currency(d.pop("currency", UNSET))

        voucher_validate_request = cls(
            voucher_code=voucher_code,
            amount=amount,
            currency=currency,
        )

        return voucher_validate_request
