from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Voucher")


@_attrs_define
class Voucher:
    """A voucher of HAVN.

    Attributes:
        serial (None | str | Unset): HAVN's id of the voucher.
        saas_company_id (None | str | Unset): The company whose products it discounts.
        associate_id (None | str | Unset): The associate that it belongs to.
        code (None | str | Unset): The code that a customer types, `HAVN-{ASSOCIATE}-{SAAS}-{RANDOM}`.
        type_ (None | str | Unset): Percentage or fixed; an open set.
        value (float | None | Unset): The discount, in minor units of `currency`, or in basis points for a percentage
            (2000 is 20 %).
        usage_limit (int | None | Unset): Uses allowed in all; null is no limit.
        current_usage (int | None | Unset): Uses so far.
        min_purchase (float | None | Unset): Smallest subtotal that it is good for, in minor units; null is no bound.
        max_purchase (float | None | Unset): Largest subtotal that it is good for, in minor units; null is no bound.
        start_date (None | str | Unset): First day (or moment) of use, ISO 8601.
        end_date (None | str | Unset): Last day (or moment) of use, ISO 8601; null is no end.
        active (bool | None | Unset): Whether it is switched on.
        client_type (None | str | Unset): The customers that it is meant for; an open set, null is all.
        description (None | str | Unset): What it is for.
        creation_cost (float | None | Unset): What making it cost, in US cents.
        created_by (None | str | Unset): Who made it.
        created_date (None | str | Unset): When it was made, ISO 8601.
        updated_at (None | str | Unset): When it was last changed, ISO 8601.
        currency (None | str | Unset): Currency of its amounts.
        configured_currency (None | str | Unset): Currency that it was configured in.
        display_currency (None | str | Unset): Currency that its amounts are shown in.
        affiliates_url (None | str | Unset): Public link that carries the referral code and the voucher.
        affiliates_qr_image (None | str | Unset): Address of that link as a QR code.
        is_expired (bool | None | Unset): Whether it is past its end.
        is_valid (bool | None | Unset): Whether it can be used now.
        remaining_usage (int | None | Unset): Uses left; null is no limit.
        usage_percentage (float | None | Unset): Share of the uses spent, in percent.
        associate (Associate | None | Unset): The associate that it belongs to.
    """

    serial: None | str | Unset = UNSET
    saas_company_id: None | str | Unset = UNSET
    associate_id: None | str | Unset = UNSET
    code: None | str | Unset = UNSET
    type_: None | str | Unset = UNSET
    value: float | None | Unset = UNSET
    usage_limit: int | None | Unset = UNSET
    current_usage: int | None | Unset = UNSET
    min_purchase: float | None | Unset = UNSET
    max_purchase: float | None | Unset = UNSET
    start_date: None | str | Unset = UNSET
    end_date: None | str | Unset = UNSET
    active: bool | None | Unset = UNSET
    client_type: None | str | Unset = UNSET
    description: None | str | Unset = UNSET
    creation_cost: float | None | Unset = UNSET
    created_by: None | str | Unset = UNSET
    created_date: None | str | Unset = UNSET
    updated_at: None | str | Unset = UNSET
    currency: None | str | Unset = UNSET
    configured_currency: None | str | Unset = UNSET
    display_currency: None | str | Unset = UNSET
    affiliates_url: None | str | Unset = UNSET
    affiliates_qr_image: None | str | Unset = UNSET
    is_expired: bool | None | Unset = UNSET
    is_valid: bool | None | Unset = UNSET
    remaining_usage: int | None | Unset = UNSET
    usage_percentage: float | None | Unset = UNSET
    associate: Associate | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        serial = self.serial

        saas_company_id = self.saas_company_id

        associate_id = self.associate_id

        code = self.code

        type_ = self.type_

        value = self.value

        usage_limit = self.usage_limit

        current_usage = self.current_usage

        min_purchase = self.min_purchase

        max_purchase = self.max_purchase

        start_date = self.start_date

        end_date = self.end_date

        active = self.active

        client_type = self.client_type

        description = self.description

        creation_cost = self.creation_cost

        created_by = self.created_by

        created_date = self.created_date

        updated_at = self.updated_at

        currency = self.currency

        configured_currency = self.configured_currency

        display_currency = self.display_currency

        affiliates_url = self.affiliates_url

        affiliates_qr_image = self.affiliates_qr_image

        is_expired = self.is_expired

        is_valid = self.is_valid

        remaining_usage = self.remaining_usage

        usage_percentage = self.usage_percentage

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
        if serial is not UNSET:
            field_dict["serial"] = serial
        if saas_company_id is not UNSET:
            field_dict["saas_company_id"] = saas_company_id
        if associate_id is not UNSET:
            field_dict["associate_id"] = associate_id
        if code is not UNSET:
            field_dict["code"] = code
        if type_ is not UNSET:
            field_dict["type"] = type_
        if value is not UNSET:
            field_dict["value"] = value
        if usage_limit is not UNSET:
            field_dict["usage_limit"] = usage_limit
        if current_usage is not UNSET:
            field_dict["current_usage"] = current_usage
        if min_purchase is not UNSET:
            field_dict["min_purchase"] = min_purchase
        if max_purchase is not UNSET:
            field_dict["max_purchase"] = max_purchase
        if start_date is not UNSET:
            field_dict["start_date"] = start_date
        if end_date is not UNSET:
            field_dict["end_date"] = end_date
        if active is not UNSET:
            field_dict["active"] = active
        if client_type is not UNSET:
            field_dict["client_type"] = client_type
        if description is not UNSET:
            field_dict["description"] = description
        if creation_cost is not UNSET:
            field_dict["creation_cost"] = creation_cost
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if created_date is not UNSET:
            field_dict["created_date"] = created_date
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if currency is not UNSET:
            field_dict["currency"] = currency
        if configured_currency is not UNSET:
            field_dict["configured_currency"] = configured_currency
        if display_currency is not UNSET:
            field_dict["display_currency"] = display_currency
        if affiliates_url is not UNSET:
            field_dict["affiliates_url"] = affiliates_url
        if affiliates_qr_image is not UNSET:
            field_dict["affiliates_qr_image"] = affiliates_qr_image
        if is_expired is not UNSET:
            field_dict["is_expired"] = is_expired
        if is_valid is not UNSET:
            field_dict["is_valid"] = is_valid
        if remaining_usage is not UNSET:
            field_dict["remaining_usage"] = remaining_usage
        if usage_percentage is not UNSET:
            field_dict["usage_percentage"] = usage_percentage
        if associate is not UNSET:
            field_dict["associate"] = associate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        serial: None | str | Unset = d.pop("serial", UNSET)

        saas_company_id: None | str | Unset = d.pop("saas_company_id", UNSET)

        associate_id: None | str | Unset = d.pop("associate_id", UNSET)

        code: None | str | Unset = d.pop("code", UNSET)

        type_: None | str | Unset = d.pop("type", UNSET)

        value: float | None | Unset = d.pop("value", UNSET)

        usage_limit: int | None | Unset = d.pop("usage_limit", UNSET)

        current_usage: int | None | Unset = d.pop("current_usage", UNSET)

        min_purchase: float | None | Unset = d.pop("min_purchase", UNSET)

        max_purchase: float | None | Unset = d.pop("max_purchase", UNSET)

        start_date: None | str | Unset = d.pop("start_date", UNSET)

        end_date: None | str | Unset = d.pop("end_date", UNSET)

        active: bool | None | Unset = d.pop("active", UNSET)

        client_type: None | str | Unset = d.pop("client_type", UNSET)

        description: None | str | Unset = d.pop("description", UNSET)

        creation_cost: float | None | Unset = d.pop("creation_cost", UNSET)

        created_by: None | str | Unset = d.pop("created_by", UNSET)

        created_date: None | str | Unset = d.pop("created_date", UNSET)

        updated_at: None | str | Unset = d.pop("updated_at", UNSET)

        currency: None | str | Unset = d.pop("currency", UNSET)

        configured_currency: None | str | Unset = d.pop("configured_currency", UNSET)

        display_currency: None | str | Unset = d.pop("display_currency", UNSET)

        affiliates_url: None | str | Unset = d.pop("affiliates_url", UNSET)

        affiliates_qr_image: None | str | Unset = d.pop("affiliates_qr_image", UNSET)

        is_expired: bool | None | Unset = d.pop("is_expired", UNSET)

        is_valid: bool | None | Unset = d.pop("is_valid", UNSET)

        remaining_usage: int | None | Unset = d.pop("remaining_usage", UNSET)

        usage_percentage: float | None | Unset = d.pop("usage_percentage", UNSET)

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

        voucher = cls(
            serial=serial,
            saas_company_id=saas_company_id,
            associate_id=associate_id,
            code=code,
            type_=type_,
            value=value,
            usage_limit=usage_limit,
            current_usage=current_usage,
            min_purchase=min_purchase,
            max_purchase=max_purchase,
            start_date=start_date,
            end_date=end_date,
            active=active,
            client_type=client_type,
            description=description,
            creation_cost=creation_cost,
            created_by=created_by,
            created_date=created_date,
            updated_at=updated_at,
            currency=currency,
            configured_currency=configured_currency,
            display_currency=display_currency,
            affiliates_url=affiliates_url,
            affiliates_qr_image=affiliates_qr_image,
            is_expired=is_expired,
            is_valid=is_valid,
            remaining_usage=remaining_usage,
            usage_percentage=usage_percentage,
            associate=associate,
        )

        voucher.additional_properties = d
        return voucher

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
