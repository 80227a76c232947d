from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Associate")


@_attrs_define
class Associate:
    """A node of the tree along which commissions are paid.

    Attributes:
        associate_id (None | str | Unset): HAVN's id of the associate.
        associate_name (None | str | Unset): The associate's name.
        referral_code (None | str | Unset): The associate's referral code.
        type_ (None | str | Unset): Kind of associate; an open set.
        role (None | str | Unset): owner or partner.
        is_active (bool | None | Unset): Whether the associate earns.
        upline_id (None | str | Unset): Id of the associate above, or null.
    """

    associate_id: None | str | Unset = UNSET
    associate_name: None | str | Unset = UNSET
    referral_code: None | str | Unset = UNSET
    type_: None | str | Unset = UNSET
    role: None | str | Unset = UNSET
    is_active: bool | None | Unset = UNSET
    upline_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        associate_id = self.associate_id

        associate_name = self.associate_name

        referral_code = self.referral_code

        type_ = self.type_

        role = self.role

        is_active = self.is_active

        upline_id = self.upline_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if associate_id is not UNSET:
            field_dict["associate_id"] = associate_id
        if associate_name is not UNSET:
            field_dict["associate_name"] = associate_name
        if referral_code is not UNSET:
            field_dict["referral_code"] = referral_code
        if type_ is not UNSET:
            field_dict["type"] = type_
        if role is not UNSET:
            field_dict["role"] = role
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if upline_id is not UNSET:
            field_dict["upline_id"] = upline_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        associate_id: None | str | Unset = d.pop("associate_id", UNSET)

        associate_name: None | str | Unset = d.pop("associate_name", UNSET)

        referral_code: None | str | Unset = d.pop("referral_code", UNSET)

        type_: None | str | Unset = d.pop("type", UNSET)

        role: None | str | Unset = d.pop("role", UNSET)

        is_active: bool | None | Unset = d.pop("is_active", UNSET)

        upline_id: None | str | Unset = d.pop("upline_id", UNSET)

        associate = cls(
            associate_id=associate_id,
            associate_name=associate_name,
            referral_code=referral_code,
            type_=type_,
            role=role,
            is_active=is_active,
            upline_id=upline_id,
        )

        associate.additional_properties = d
        return associate

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
