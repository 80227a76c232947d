from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="TransactionResponse")


@_attrs_define
class TransactionResponse:
    """The transaction as HAVN recorded it, and who earns from it.

    Attributes:
        success (bool | None | Unset): Whether the call succeeded.
        message (None | str | Unset): A sentence for people.
        transaction (None | Transaction | Unset): The recorded transaction.
        commissions (list[Commission] | None | Unset): One entry a level, level 1 first; empty when nothing is
            distributed.
        total_commission (float | None | Unset): Sum of the commissions, in US cents.
        currency (None | str | Unset): Currency of the commissions.
        commission_distributed (bool | None | Unset): Whether any commission was shared out.
    """

    success: bool | None | Unset = UNSET
    message: None | str | Unset = UNSET
    transaction: None | Transaction | Unset = UNSET
    commissions: list[Commission] | None | Unset = UNSET
    total_commission: float | None | Unset = UNSET
    currency: None | str | Unset = UNSET
    commission_distributed: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        success = self.success

        message = self.message

        transaction: dict[str, Any] | None | Unset
        if isinstance(self.transaction, Unset):
            transaction = UNSET
        elif isinstance(self.transaction, Transaction):
            transaction = self.transaction.to_dict()
        else:
            transaction = self.transaction

        commissions: list[dict[str, Any]] | None | Unset
        if isinstance(self.commissions, Unset):
            commissions = UNSET
        elif isinstance(self.commissions, list):
            commissions = []
            for commissions_type_0_item_data in self.commissions:
                commissions_type_0_item = commissions_type_0_item_data.to_dict()
                commissions.append(commissions_type_0_item)

        else:
            commissions = self.commissions

        total_commission = self.total_commission

        currency = self.currency

        commission_distributed = self.commission_distributed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if message is not UNSET:
            field_dict["message"] = message
        if transaction is not UNSET:
            field_dict["transaction"] = transaction
        if commissions is not UNSET:
            field_dict["commissions"] = commissions
        if total_commission is not UNSET:
            field_dict["total_commission"] = total_commission
        if currency is not UNSET:
            field_dict["currency"] = currency
        if commission_distributed is not UNSET:
            field_dict["commission_distributed"] = commission_distributed

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        success: bool | None | Unset = d.pop("success", UNSET)

        message: None | str | Unset = d.pop("message", UNSET)

        def _parse_transaction(data: object) -> None | Transaction | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                transaction_type_0 = Transaction.from_dict(data)

                return transaction_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Transaction | Unset, data)

        transaction = _parse_transaction(d.pop("transaction", UNSET))

        def _parse_commissions(data: object) -> list[Commission] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                commissions_type_0 = []
                _commissions_type_0 = data
                for commissions_type_0_item_data in _commissions_type_0:
                    commissions_type_0_item = Commission.from_dict(commissions_type_0_item_data)

                    commissions_type_0.append(commissions_type_0_item)

                return commissions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Commission] | None | Unset, data)

        commissions = _parse_commissions(d.pop("commissions", UNSET))

        total_commission: float | None | Unset = d.pop("total_commission", UNSET)

        currency: None | str | Unset = d.pop("currency", UNSET)

        commission_distributed: bool | None | Unset = d.pop("commission_distributed", UNSET)

        transaction_response = cls(
            success=success,
            message=message,
            transaction=transaction,
            commissions=commissions,
            total_commission=total_commission,
            currency=currency,
            commission_distributed=commission_distributed,
        )

        transaction_response.additional_properties = d
        return transaction_response

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


from ..models.commission import Commission  # noqa: E402
from ..models.transaction import Transaction  # noqa: E402
