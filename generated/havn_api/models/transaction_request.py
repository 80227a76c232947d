from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.currency import Currency, check_currency
from ..models.customer_type import CustomerType, check_customer_type
from ..types import UNSET, Unset

T = TypeVar("T", bound="TransactionRequest")


@_attrs_define
class TransactionRequest:
    """A transaction that a customer has paid. At least one of `customer_email` and `customer_id`.

    Attributes:
        amount (int): What the customer paid, in the smallest unit of `currency` as HAVN counts it (US cents; rupiah,
            which has no decimals).
        payment_gateway_transaction_id (str): The payment's id at the payment gateway. It makes the call safe to repeat.
        customer_email (None | str | Unset): The customer's e-mail address. Required unless `customer_id` is given.
        customer_id (None | str | Unset): The customer's id in the SaaS.
        payment_gateway (None | str | Unset): Name of the payment gateway, in upper case.
        referral_code (None | str | Unset): The referral code of the *upline*, in upper case; never the project's own.
            Absent means that nothing is distributed.
        promo_code (None | str | Unset): Code of the voucher that was used. Only codes that start with `HAVN-` are ever
            sent.
        subtotal_transaction (int | None | Unset): The price before the discount, in the same unit as `amount` and never
            below it. Above it, `promo_code` is demanded.
        currency (Currency | None | Unset): Currency of `amount` and `subtotal_transaction`; USD when absent.
        customer_type (CustomerType | None | Unset): Whether the customer buys for the first time; NEW_CUSTOMER when
            absent.
        custom_fields (CustomFields | None | Unset): Up to ten entries of the caller's own, kept with the transaction.
            The newest published client allows three.
        invoice_id (None | str | Unset): Number of the invoice.
        transaction_type (None | str | Unset): A label for logs, without further meaning.
        description (None | str | Unset): Free text.
        is_recurring (bool | None | Unset): Whether the payment repeats by itself.
        server_side_conversion (bool | None | Unset): HAVN converts `amount` to US dollars with its own rate.
    """

    amount: int
    payment_gateway_transaction_id: str
    customer_email: None | str | Unset = UNSET
    customer_id: None | str | Unset = UNSET
    payment_gateway: None | str | Unset = UNSET
    referral_code: None | str | Unset = UNSET
    promo_code: None | str | Unset = UNSET
    subtotal_transaction: int | None | Unset = UNSET
    currency: Currency | None | Unset = UNSET
    customer_type: CustomerType | None | Unset = UNSET
    custom_fields: CustomFields | None | Unset = UNSET
    invoice_id: None | str | Unset = UNSET
    transaction_type: None | str | Unset = UNSET
    description: None | str | Unset = UNSET
    is_recurring: bool | None | Unset = UNSET
    server_side_conversion: bool | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount

        payment_gateway_transaction_id = self.payment_gateway_transaction_id

        customer_email = self.customer_email

        customer_id = self.customer_id

        payment_gateway = self.payment_gateway

        referral_code = self.referral_code

        promo_code = self.promo_code

        subtotal_transaction = self.subtotal_transaction

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        elif isinstance(self.currency, str):
            currency = self.currency
        else:
            currency = self.currency

        customer_type: None | str | Unset
        if isinstance(self.customer_type, Unset):
            customer_type = UNSET
        elif isinstance(self.customer_type, str):
            customer_type = self.customer_type
        else:
            customer_type = self.customer_type

        custom_fields: dict[str, Any] | None | Unset
        if isinstance(self.custom_fields, Unset):
            custom_fields = UNSET
        elif isinstance(self.custom_fields, CustomFields):
            custom_fields = self.custom_fields.to_dict()
        else:
            custom_fields = self.custom_fields

        invoice_id = self.invoice_id

        transaction_type = self.transaction_type

        description = self.description

        is_recurring = self.is_recurring

        server_side_conversion = self.server_side_conversion

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "amount": amount,
                "payment_gateway_transaction_id": payment_gateway_transaction_id,
            }
        )
        if customer_email is not UNSET:
            field_dict["customer_email"] = customer_email
        if customer_id is not UNSET:
            field_dict["customer_id"] = customer_id
        if payment_gateway is not UNSET:
            field_dict["payment_gateway"] = payment_gateway
        if referral_code is not UNSET:
            field_dict["referral_code"] = referral_code
        if promo_code is not UNSET:
            field_dict["promo_code"] = promo_code
        if subtotal_transaction is not UNSET:
            field_dict["subtotal_transaction"] = subtotal_transaction
        if currency is not UNSET:
            field_dict["currency"] = currency
        if customer_type is not UNSET:
            field_dict["customer_type"] = customer_type
        if custom_fields is not UNSET:
            field_dict["custom_fields"] = custom_fields
        if invoice_id is not UNSET:
            field_dict["invoice_id"] = invoice_id
        if transaction_type is not UNSET:
            field_dict["transaction_type"] = transaction_type
        if description is not UNSET:
            field_dict["description"] = description
        if is_recurring is not UNSET:
            field_dict["is_recurring"] = is_recurring
        if server_side_conversion is not UNSET:
            field_dict["server_side_conversion"] = server_side_conversion

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount = d.pop("amount")

        payment_gateway_transaction_id = d.pop("payment_gateway_transaction_id")

        customer_email: None | str | Unset = d.pop("customer_email", UNSET)

        customer_id: None | str | Unset = d.pop("customer_id", UNSET)

        payment_gateway: None | str | Unset = d.pop("payment_gateway", UNSET)

        referral_code: None | str | Unset = d.pop("referral_code", UNSET)

        promo_code: None | str | Unset = d.pop("promo_code", UNSET)

        subtotal_transaction: int | None | Unset = d.pop("subtotal_transaction", UNSET)

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

        def _parse_customer_type(data: object) -> CustomerType | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                customer_type_type_0 = check_customer_type(data)

                return customer_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CustomerType | None | Unset, data)

        customer_type = _parse_customer_type(d.pop("customer_type", UNSET))

        def _parse_custom_fields(data: object) -> CustomFields | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                custom_fields_type_0 = CustomFields.from_dict(data)

                return custom_fields_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CustomFields | None | Unset, data)

        custom_fields = _parse_custom_fields(d.pop("custom_fields", UNSET))

        invoice_id: None | str | Unset = d.pop("invoice_id", UNSET)

        transaction_type: None | str | Unset = d.pop("transaction_type", UNSET)

        description: None | str | Unset = d.pop("description", UNSET)

        is_recurring: bool | None | Unset = d.pop("is_recurring", UNSET)

        server_side_conversion: bool | None | Unset = d.pop("server_side_conversion", UNSET)

        transaction_request = cls(
            amount=amount,
            payment_gateway_transaction_id=payment_gateway_transaction_id,
            customer_email=customer_email,
            customer_id=customer_id,
            payment_gateway=payment_gateway,
            referral_code=referral_code,
            promo_code=promo_code,
            subtotal_transaction=subtotal_transaction,
            currency=currency,
            customer_type=customer_type,
            custom_fields=custom_fields,
            invoice_id=invoice_id,
            transaction_type=transaction_type,
            description=description,
            is_recurring=is_recurring,
            server_side_conversion=server_side_conversion,
        )

        return transaction_request


from ..models.custom_fields import CustomFields  # noqa: E402
