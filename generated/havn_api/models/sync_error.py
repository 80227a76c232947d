from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SyncError")


@_attrs_define
class SyncError:
    """One user of a bulk call that failed.

    Attributes:
        index (int | None | Unset): Position in `users`, from 0.
        email (None | str | Unset): The user's e-mail address.
        error (None | str | Unset): Why it failed.
    """

    index: int | None | Unset = UNSET
    email: None | str | Unset = UNSET
    error: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        index = self.index

        email = self.email

        error = self.error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if index is not UNSET:
            field_dict["index"] = index
        if email is not UNSET:
            field_dict["email"] = email
        if error is not UNSET:
            field_dict["error"] = error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        index: int | None | Unset = d.pop("index", UNSET)

        email: None | str | Unset = d.pop("email", UNSET)

        error: None | str | Unset = d.pop("error", UNSET)

        sync_error = cls(
            index=index,
            email=email,
            error=error,
        )

        sync_error.additional_properties = d
        return sync_error

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
