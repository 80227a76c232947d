from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserSyncResponse")


@_attrs_define
class UserSyncResponse:
    """What became of one user.

    Attributes:
        success (bool | None | Unset): Whether the call succeeded.
        message (None | str | Unset): A sentence for people.
        user_created (bool | None | Unset): Whether the user is new.
        associate_created (bool | None | Unset): Whether an associate was made.
        user_id (None | str | Unset): HAVN's id of the user.
        referral_code (None | str | Unset): Referral code of the user's associate. Store it; it is the `upline_code` of
            those who come below.
        user (None | SyncedUser | Unset): The user as HAVN keeps it.
        associate (Associate | None | Unset): The user's associate, or null.
    """

    success: bool | None | Unset = UNSET
    message: None | str | Unset = UNSET
    user_created: bool | None | Unset = UNSET
    associate_created: bool | None | Unset = UNSET
    user_id: None | str | Unset = UNSET
    referral_code: None | str | Unset = UNSET
    user: None | SyncedUser | Unset = UNSET
    associate: Associate | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        success = self.success

        message = self.message

        user_created = self.user_created

        associate_created = self.associate_created

        user_id = self.user_id

        referral_code = self.referral_code

        user: dict[str, Any] | None | Unset
        if isinstance(self.user, Unset):
            user = UNSET
        elif isinstance(self.user, SyncedUser):
            user = self.user.to_dict()
        else:
            user = self.user

        associate: dict[str, Any] | None | Unset
        if isinstance(self.associate, Unset):
            associate = UNSET
        elif isinstance(self.associate, Associate):
            associate = self.associate.to_dict()
        else:
            associate = self.associate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if message is not UNSET:
            field_dict["message"] = message
        if user_created is not UNSET:
            field_dict["user_created"] = user_created
        if associate_created is not UNSET:
            field_dict["associate_created"] = associate_created
        if user_id is not UNSET:
            field_dict["user_id"] = user_id
        if referral_code is not UNSET:
            field_dict["referral_code"] = referral_code
        if user is not UNSET:
            field_dict["user"] = user
        if associate is not UNSET:
            field_dict["associate"] = associate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        success: bool | None | Unset = d.pop("success", UNSET)

        message: None | str | Unset = d.pop("message", UNSET)

        user_created: bool | None | Unset = d.pop("user_created", UNSET)

        associate_created: bool | None | Unset = d.pop("associate_created", UNSET)

        user_id: None | str | Unset = d.pop("user_id", UNSET)

        referral_code: None | str | Unset = d.pop("referral_code", UNSET)

        def _parse_user(data: object) -> None | SyncedUser | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                user_type_0 = SyncedUser.from_dict(data)

                return user_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SyncedUser | Unset, data)

        user = _parse_user(d.pop("user", UNSET))

        def _parse_associate(data: object) -> Associate | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                associate_type_0 = Associate.from_dict(data)

                return associate_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Associate | None | Unset, data)

        associate = _parse_associate(d.pop("associate", UNSET))

        user_sync_response = cls(
            success=success,
            message=message,
            user_created=user_created,
            associate_created=associate_created,
            user_id=user_id,
            referral_code=referral_code,
            user=user,
            associate=associate,
        )

        user_sync_response.additional_properties = d
        return user_sync_response

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


from ..models.associate import Associate  # noqa: E402
from ..models.synced_user import SyncedUser  # noqa: E402
