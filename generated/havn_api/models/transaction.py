from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Transaction")


@_attrs_define
class Transaction:
    """A transaction as HAVN recorded it.

    Attributes:
        transaction_id (None | str | Unset): HAVN's id of the transaction.
        amount (float | None | Unset): The amount as it was sent, in the smallest unit of `currency`.
        currency (None | str | Unset): Currency of `amount`, as it was sent.
        status (None | str | Unset): An open set; compare without case. `FAILED` when a conversion was not exact.
        customer_type (None | str | Unset): As it was sent.
        acquisition_method (None | str | Unset): How the customer was won.
        referral_code (None | str | Unset): The referral code that earned, as it was sent.
        promo_code (None | str | Unset): The voucher that was used, as it was sent.
        subtotal_transaction (float | None | Unset): The price before the discount, in the smallest unit of `currency`.
        subtotal_discount (float | None | Unset): What the voucher took off, in the smallest unit of `currency`.
        created_at (None | str | Unset): When HAVN recorded it, an ISO 8601 date-time.
        custom_fields (None | StoredCustomFields | Unset): The caller's own entries, as they were sent.
    """

    transaction_id: None | str | Unset = UNSET
    amount: float | None | Unset = UNSET
    currency: None | str | Unset = UNSET
    status: None | str | Unset = UNSET
    customer_type: None | str | Unset = UNSET
    acquisition_method: None | str | Unset = UNSET
    referral_code: None | str | Unset = UNSET
    promo_code: None | str | Unset = UNSET
    subtotal_transaction: float | None | Unset = UNSET
    subtotal_discount: float | None | Unset = UNSET
    created_at: None | str | Unset = UNSET
    custom_fields: None | StoredCustomFields | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        transaction_id = self.transaction_id

        amount = self.amount

        currency = self.currency

        status = self.status

        customer_type = self.customer_type

        acquisition_method = self.acquisition_method

        referral_code = self.referral_code

        promo_code = self.promo_code

        subtotal_transaction = self.subtotal_transaction

        subtotal_discount = self.subtotal_discount

        created_at = self.created_at

        custom_fields: dict[str, Any] | None | Unset
        if isinstance(self.custom_fields, Unset):
            custom_fields = UNSET
        elif isinstance(self.custom_fields, StoredCustomFields):
            custom_fields = self.custom_fields.to_dict()
        else:
            custom_fields = self.custom_fields

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if transaction_id is not UNSET:
            field_dict["transaction_id"] = transaction_id
        if amount is not UNSET:
            field_dict["amount"] = amount
        if currency is not UNSET:
            field_dict["currency"] = currency
        if status is not UNSET:
            field_dict["status"] = status
        if customer_type is not UNSET:
            field_dict["customer_type"] = customer_type
        if acquisition_method is not UNSET:
            field_dict["acquisition_method"] = acquisition_method
        if referral_code is not UNSET:
            field_dict["referral_code"] = referral_code
        if promo_code is not UNSET:
            field_dict["promo_code"] = promo_code
        if subtotal_transaction is not UNSET:
            field_dict["subtotal_transaction"] = subtotal_transaction
        if subtotal_discount is not UNSET:
            field_dict["subtotal_discount"] = subtotal_discount
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if custom_fields is not UNSET:
            field_dict["custom_fields"] = custom_fields

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        transaction_id: None | str | Unset = d.pop("transaction_id", UNSET)

        amount: float | None | Unset = d.pop("amount", UNSET)

        currency: None | str | Unset = d.pop("currency", UNSET)

        status: None | str | Unset = d.pop("status", UNSET)

        customer_type: None | str | Unset = d.pop("customer_type", UNSET)

        acquisition_method: None | str | Unset = d.pop("acquisition_method", UNSET)

        referral_code: None | str | Unset = d.pop("referral_code", UNSET)

        promo_code: None | str | Unset = d.pop("promo_code", UNSET)

        subtotal_transaction: float | None | Unset = d.pop("subtotal_transaction", UNSET)

        subtotal_discount: float | None | Unset = d.pop("subtotal_discount", UNSET)

        created_at: None | str | Unset = d.pop("created_at", UNSET)

        def _parse_custom_fields(data: object) -> None | StoredCustomFields | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                custom_fields_type_0 = StoredCustomFields.from_dict(data)

                return custom_fields_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StoredCustomFields | Unset, data)

        custom_fields = _parse_custom_fields(d.pop("custom_fields", UNSET))

        transaction = cls(
            transaction_id=transaction_id,
            amount=amount,
            currency=currency,
            status=status,
            customer_type=customer_type,
            acquisition_method=acquisition_method,
            referral_code=referral_code,
            promo_code=promo_code,
            subtotal_transaction=subtotal_transaction,
            subtotal_discount=subtotal_discount,
            created_at=created_at,
            custom_fields=custom_fields,
        )

        transaction.additional_properties = d
        return transaction

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


from ..models.stored_custom_fields import StoredCustomFields  # noqa: E402
