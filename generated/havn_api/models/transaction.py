from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.stored_custom_fields import StoredCustomFields


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
        from ..models.stored_custom_fields import StoredCustomFields  # noqa: PLC0415

        transaction_id: None | str | Unset
        if isinstance(self.transaction_id, Unset):
            transaction_id = UNSET
        else:
            transaction_id = self.transaction_id

        amount: float | None | Unset
        if isinstance(self.amount, Unset):
            amount = UNSET
        else:
            amount = self.amount

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        else:
            currency = self.currency

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        customer_type: None | str | Unset
        if isinstance(self.customer_type, Unset):
            customer_type = UNSET
        else:
            customer_type = self.customer_type

        acquisition_method: None | str | Unset
        if isinstance(self.acquisition_method, Unset):
            acquisition_method = UNSET
        else:
            acquisition_method = self.acquisition_method

        referral_code: None | str | Unset
        if isinstance(self.referral_code, Unset):
            referral_code = UNSET
        else:
            referral_code = self.referral_code

        promo_code: None | str | Unset
        if isinstance(self.promo_code, Unset):
            promo_code = UNSET
        else:
            promo_code = self.promo_code

        subtotal_transaction: float | None | Unset
        if isinstance(self.subtotal_transaction, Unset):
            subtotal_transaction = UNSET
        else:
            subtotal_transaction = self.subtotal_transaction

        subtotal_discount: float | None | Unset
        if isinstance(self.subtotal_discount, Unset):
            subtotal_discount = UNSET
        else:
            subtotal_discount = self.subtotal_discount

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
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
        from ..models.stored_custom_fields import StoredCustomFields  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_transaction_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        transaction_id = _parse_transaction_id(d.pop("transaction_id", UNSET))

        def _parse_amount(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        amount = _parse_amount(d.pop("amount", UNSET))

        def _parse_currency(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        currency = _parse_currency(d.pop("currency", UNSET))

        def _parse_status(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        def _parse_customer_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        customer_type = _parse_customer_type(d.pop("customer_type", UNSET))

        def _parse_acquisition_method(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        acquisition_method = _parse_acquisition_method(d.pop("acquisition_method", UNSET))

        def _parse_referral_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        referral_code = _parse_referral_code(d.pop("referral_code", UNSET))

        def _parse_promo_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        promo_code = _parse_promo_code(d.pop("promo_code", UNSET))

        def _parse_subtotal_transaction(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        subtotal_transaction = _parse_subtotal_transaction(d.pop("subtotal_transaction", UNSET))

        def _parse_subtotal_discount(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        subtotal_discount = _parse_subtotal_discount(d.pop("subtotal_discount", UNSET))

        def _parse_created_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

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
