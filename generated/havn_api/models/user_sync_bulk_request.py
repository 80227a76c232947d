from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserSyncBulkRequest")


@_attrs_define
class UserSyncBulkRequest:
    """Up to fifty users and what they share; a user's own value wins.

    Attributes:
        users (list[UserSyncRequest]): The users, each as in a single call.
        upline_code (None | str | Unset): Referral code of the associate above the one to be created.
        referral_code (None | str | Unset): Referral code of an existing associate to link the user to.
        create_associate (bool | None | Unset): Whether a user without an associate gets one; true when absent.
        is_owner (bool | None | Unset): Role of the associate, owner (true) or partner (false); false when absent.
    """

    users: list[UserSyncRequest]
    upline_code: None | str | Unset = UNSET
    referral_code: None | str | Unset = UNSET
    create_associate: bool | None | Unset = UNSET
    is_owner: bool | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        users = []
        for users_item_data in self.users:
            users_item = users_item_data.to_dict()
            users.append(users_item)

        upline_code = self.upline_code

        referral_code = self.referral_code

        create_associate = self.create_associate

        is_owner = self.is_owner

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "users": users,
            }
        )
        if upline_code is not UNSET:
            field_dict["upline_code"] = upline_code
        if referral_code is not UNSET:
            field_dict["referral_code"] = referral_code
        if create_associate is not UNSET:
            field_dict["create_associate"] = create_associate
        if is_owner is not UNSET:
            field_dict["is_owner"] = is_owner

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        users = []
        _users = d.pop("users")
        for users_item_data in _users:
            users_item = UserSyncRequest.from_dict(users_item_data)

            users.append(users_item)

        upline_code: None | str | Unset = d.pop("upline_code", UNSET)

        referral_code: None | str | Unset = d.pop("referral_code", UNSET)

        create_associate: bool | None | Unset = d.pop("create_associate", UNSET)

        is_owner: bool | None | Unset = d.pop("is_owner", UNSET)

        user_sync_bulk_request = cls(
            users=users,
            upline_code=upline_code,
            referral_code=referral_code,
            create_associate=create_associate,
            is_owner=is_owner,
        )

        return user_sync_bulk_request


from ..models.user_sync_request import UserSyncRequest  # noqa: E402
