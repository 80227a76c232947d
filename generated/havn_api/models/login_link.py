from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="LoginLink")


@_attrs_define
class LoginLink:
    """A link that logs a user in to HAVN once.

    Attributes:
        redirect_url (None | str | Unset): Where to send the user's browser. It carries the token.
        token (None | str | Unset): The single-use token by itself.
        expires_in (int | None | Unset): Seconds until the link stops working.
    """

    redirect_url: None | str | Unset = UNSET
    token: None | str | Unset = UNSET
    expires_in: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        redirect_url = self.redirect_url

        token = self.token

        expires_in = self.expires_in

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if redirect_url is not UNSET:
            field_dict["redirect_url"] = redirect_url
        if token is not UNSET:
            field_dict["token"] = token
        if expires_in is not UNSET:
            field_dict["expires_in"] = expires_in

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        redirect_url: None | str | Unset = d.pop("redirect_url", UNSET)

        token: None | str | Unset = d.pop("token", UNSET)

        expires_in: int | None | Unset = d.pop("expires_in", UNSET)

        login_link = cls(
            redirect_url=redirect_url,
            token=token,
            expires_in=expires_in,
        )

        login_link.additional_properties = d
        return login_link

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
