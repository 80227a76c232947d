from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Commission")


@_attrs_define
class Commission:
    """What one associate earns from one transaction.

    Attributes:
        commission_id (None | str | Unset): HAVN's id of the commission.
        associate_id (None | str | Unset): The associate that earns.
        level (int | None | Unset): Distance from the sale, 1 (owner of the referral code) to 5.
        percentage (float | None | Unset): The share in percent (5.0 is five percent).
        rate (float | None | Unset): The share as a fraction (0.05 is five percent); some versions send it in place of
            `percentage`.
        amount (float | None | Unset): What is earned, in US cents.
        currency (None | str | Unset): Currency of `amount`.
        type_ (None | str | Unset): Kind of commission; an open set.
        direction (None | str | Unset): Whether it is paid out or taken back; an open set.
        status (None | str | Unset): Where the pay-out stands; an open set.
    """

    commission_id: None | str | Unset = UNSET
    associate_id: None | str | Unset = UNSET
    level: int | None | Unset = UNSET
    percentage: float | None | Unset = UNSET
    rate: float | None | Unset = UNSET
    amount: float | None | Unset = UNSET
    currency: None | str | Unset = UNSET
    type_: None | str | Unset = UNSET
    direction: None | str | Unset = UNSET
    status: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        commission_id = self.commission_id

        associate_id = self.associate_id

        level = self.level

        percentage = self.percentage

        rate = self.rate

        amount = self.amount

        currency = self.currency

        type_ = self.type_

        direction = self.direction

        status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if commission_id is not UNSET:
            field_dict["commission_id"] = commission_id
        if associate_id is not UNSET:
            field_dict["associate_id"] = associate_id
        if level is not UNSET:
            field_dict["level"] = level
        if percentage is not UNSET:
            field_dict["percentage"] = percentage
        if rate is not UNSET:
            field_dict["rate"] = rate
        if amount is not UNSET:
            field_dict["amount"] = amount
        if currency is not UNSET:
            field_dict["currency"] = currency
        if type_ is not UNSET:
            field_dict["type"] = type_
        if direction is not UNSET:
            field_dict["direction"] = direction
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        commission_id: None | str | Unset = d.pop("commission_id", UNSET)

        associate_id: None | str | Unset = d.pop("associate_id", UNSET)

        level: int | None | Unset = d.pop("level", UNSET)

        percentage: float | None | Unset = d.pop("percentage", UNSET)

        rate: float | None | Unset = d.pop("rate", UNSET)

        amount: float | None | Unset = d.pop("amount", UNSET)

        currency: None | str | Unset = d.pop("currency", UNSET)

        type_: None | str | Unset = d.pop("type", UNSET)

        direction: None | str | Unset = d.pop("direction", UNSET)

        status: None | str | Unset = d.pop("status", UNSET)

        commission = cls(
            commission_id=commission_id,
            associate_id=associate_id,
            level=level,
            percentage=percentage,
            rate=rate,
            amount=amount,
            currency=currency,
            type_=type_,
            direction=direction,
            status=status,
        )

        commission.additional_properties = d
        return commission

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
