from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

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

        google_id: None | str | Unset
        if isinstance(self.google_id, Unset):
            google_id = UNSET
        else:
            google_id = self.google_id

        picture: None | str | Unset
        if isinstance(self.picture, Unset):
            picture = UNSET
        else:
            picture = self.picture

        avatar: None | str | Unset
        if isinstance(self.avatar, Unset):
            avatar = UNSET
        else:
            avatar = self.avatar

        upline_code: None | str | Unset
        if isinstance(self.upline_code, Unset):
            upline_code = UNSET
        else:
            upline_code = self.upline_code

        referral_code: None | str | Unset
        if isinstance(self.referral_code, Unset):
            referral_code = UNSET
        else:
            referral_code = self.referral_code

        country_code: None | str | Unset
        if isinstance(self.country_code, Unset):
            country_code = UNSET
        else:
            country_code = self.country_code

        create_associate: bool | None | Unset
        if isinstance(self.create_associate, Unset):
            create_associate = UNSET
        else:
            create_associate = self.create_associate

        is_owner: bool | None | Unset
        if isinstance(self.is_owner, Unset):
            is_owner = UNSET
        else:
            is_owner = self.is_owner

        project_id: None | str | Unset
        if isinstance(self.project_id, Unset):
            project_id = UNSET
        else:
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

        def _parse_google_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        google_id = _parse_google_id(d.pop("google_id", UNSET))

        def _parse_picture(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        picture = _parse_picture(d.pop("picture", UNSET))

        def _parse_avatar(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        avatar = _parse_avatar(d.pop("avatar", UNSET))

        def _parse_upline_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        upline_code = _parse_upline_code(d.pop("upline_code", UNSET))

        def _parse_referral_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        referral_code = _parse_referral_code(d.pop("referral_code", UNSET))

        def _parse_country_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        country_code = _parse_country_code(d.pop("country_code", UNSET))

        def _parse_create_associate(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        create_associate = _parse_create_associate(d.pop("create_associate", UNSET))

        def _parse_is_owner(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_owner = _parse_is_owner(d.pop("is_owner", UNSET))

        def _parse_project_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        project_id = _parse_project_id(d.pop("project_id", UNSET))

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
