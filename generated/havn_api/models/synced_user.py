from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SyncedUser")


@_attrs_define
class SyncedUser:
    """A user as HAVN keeps it.

    Attributes:
        id (None | str | Unset): HAVN's id of the user.
        email (None | str | Unset): The user's e-mail address.
        name (None | str | Unset): The user's name.
        is_active (bool | None | Unset): Whether the user may log in.
        google_id (None | str | Unset): The user's id at Google.
        picture (None | str | Unset): Address of a picture of the user.
        avatar (None | str | Unset): Address of an avatar of the user.
    """

    id: None | str | Unset = UNSET
    email: None | str | Unset = UNSET
    name: None | str | Unset = UNSET
    is_active: bool | None | Unset = UNSET
    google_id: None | str | Unset = UNSET
    picture: None | str | Unset = UNSET
    avatar: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        email = self.email

        name = self.name

        is_active = self.is_active

        google_id = self.google_id

        picture = self.picture

        avatar = self.avatar

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if email is not UNSET:
            field_dict["email"] = email
        if name is not UNSET:
            field_dict["name"] = name
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if google_id is not UNSET:
            field_dict["google_id"] = google_id
        if picture is not UNSET:
            field_dict["picture"] = picture
        if avatar is not UNSET:
            field_dict["avatar"] = avatar

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id: None | str | Unset = d.pop("id", UNSET)

        email: None | str | Unset = d.pop("email", UNSET)

        name: None | str | Unset = d.pop("name", UNSET)

        is_active: bool | None | Unset = d.pop("is_active", UNSET)

        google_id: None | str | Unset = d.pop("google_id", UNSET)

        picture: None | str | Unset = d.pop("picture", UNSET)

        avatar: None | str | Unset = d.pop("avatar", UNSET)

        synced_user = cls(
            id=id,
            email=email,
            name=name,
            is_active=is_active,
            google_id=google_id,
            picture=picture,
            avatar=avatar,
        )

        synced_user.additional_properties = d
        return synced_user

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
