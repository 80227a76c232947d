from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserSyncRequest")


@_attrs_define
class UserSyncRequest:
    """One user to create or update, found by `email`.

    Attributes:
        email (str): The user's e-mail address, the key of the upsert.
        name (str): The user's name.
        google_id (None | str | Unset): The user's id at Google.
        picture (None | str | Unset): Address of a picture of the user.
        avatar (None | str | Unset): Address of an avatar of the user.
        upline_code (None | str | Unset): Referral code of the associate above the one to be created.
        referral_code (None | str | Unset): Referral code of an existing associate to link the user to.
        country_code (None | str | Unset): ISO 3166-1 alpha-2 code of the user's country, in upper case.
        create_associate (bool | None | Unset): Whether a user without an associate gets one; true when absent.
        is_owner (bool | None | Unset): Role of the associate, owner (true) or partner (false); false when absent.
        project_id (None | str | Unset): The project's id in the SaaS.
    """

    email: str
    name: str
    google_id: None | str | Unset = UNSET
    picture: None | str | Unset = UNSET
    avatar: None | str | Unset = UNSET
    upline_code: None | str | Unset = UNSET
    referral_code: None | str | Unset = UNSET
    country_code: None | str | Unset = UNSET
    create_associate: bool | None | Unset = UNSET
    is_owner: bool | None | Unset = UNSET
    project_id: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        name = self.name

        google_id = self.google_id

        picture = self.picture

        avatar = self.avatar

        upline_code = self.upline_code

        referral_code = self.referral_code

        country_code = self.country_code

        create_associate = self.create_associate

        is_owner = self.is_owner

        project_id = self.project_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "name": name,
            }
        )
        if google_id is not UNSET:
            field_dict["google_id"] = google_id
        if picture is not UNSET:
            field_dict["picture"] = picture
        if avatar is not UNSET:
            field_dict["avatar"] = avatar
        if upline_code is not UNSET:
            field_dict["upline_code"] = upline_code
        if referral_code is not UNSET:
            field_dict["referral_code"] = referral_code
        if country_code is not UNSET:
            field_dict["country_code"] = country_code
        if create_associate is not UNSET:
            field_dict["create_associate"] = create_associate
        if is_owner is not UNSET:
            field_dict["is_owner"] = is_owner
        if project_id is not UNSET:
            field_dict["project_id"] = project_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        name = d.pop("name")

        google_id: None | str | Unset = d.pop("google_id", UNSET)

        picture: None | str | Unset = d.pop("picture", UNSET)

        avatar: None | str | Unset = d.pop("avatar", UNSET)

        upline_code: None | str | Unset = d.pop("upline_code", UNSET)

        referral_code: None | str | Unset = d.pop("referral_code", UNSET)

        country_code: None | str | Unset = d.pop("country_code", UNSET)

        create_associate: bool | None | Unset = d.pop("create_associate", UNSET)

        is_owner: bool | None | Unset = d.pop("is_owner", UNSET)

        project_id: None | str | Unset = d.pop("project_id", UNSET)

        user_sync_request = cls(
            email=email,
            name=name,
            google_id=google_id,
            picture=picture,
            avatar=avatar,
            upline_code=upline_code,
            referral_code=referral_code,
            country_code=country_code,
            create_associate=create_associate,
            is_owner=is_owner,
            project_id=project_id,
        )

        return user_sync_request
