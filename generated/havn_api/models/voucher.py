from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.associate import Associate


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
        from ..models.associate import Associate  # noqa: PLC0415

        serial: None | str | Unset
        if isinstance(self.serial, Unset):
            serial = UNSET
        else:
            serial = self.serial

        saas_company_id: None | str | Unset
        if isinstance(self.saas_company_id, Unset):
            saas_company_id = UNSET
        else:
            saas_company_id = self.saas_company_id

        associate_id: None | str | Unset
        if isinstance(self.associate_id, Unset):
            associate_id = UNSET
        else:
            associate_id = self.associate_id

        code: None | str | Unset
        if isinstance(self.code, Unset):
            code = UNSET
        else:
            code = self.code

        type_: None | str | Unset
        if isinstance(self.type_, Unset):
            type_ = UNSET
        else:
            type_ = self.type_

        value: float | None | Unset
        if isinstance(self.value, Unset):
            value = UNSET
        else:
            value = self.value

        usage_limit: int | None | Unset
        if isinstance(self.usage_limit, Unset):
            usage_limit = UNSET
        else:
            usage_limit = self.usage_limit

        current_usage: int | None | Unset
        if isinstance(self.current_usage, Unset):
            current_usage = UNSET
        else:
            current_usage = self.current_usage

        min_purchase: float | None | Unset
        if isinstance(self.min_purchase, Unset):
            min_purchase = UNSET
        else:
            min_purchase = self.min_purchase

        max_purchase: float | None | Unset
        if isinstance(self.max_purchase, Unset):
            max_purchase = UNSET
        else:
            max_purchase = self.max_purchase

        start_date: None | str | Unset
        if isinstance(self.start_date, Unset):
            start_date = UNSET
        else:
            start_date = self.start_date

        end_date: None | str | Unset
        if isinstance(self.end_date, Unset):
            end_date = UNSET
        else:
            end_date = self.end_date

        active: bool | None | Unset
        if isinstance(self.active, Unset):
            active = UNSET
        else:
            active = self.active

        client_type: None | str | Unset
        if isinstance(self.client_type, Unset):
            client_type = UNSET
        else:
            client_type = self.client_type

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        creation_cost: float | None | Unset
        if isinstance(self.creation_cost, Unset):
            creation_cost = UNSET
        else:
            creation_cost = self.creation_cost

        created_by: None | str | Unset
        if isinstance(self.created_by, Unset):
            created_by = UNSET
        else:
            created_by = self.created_by

        created_date: None | str | Unset
        if isinstance(self.created_date, Unset):
            created_date = UNSET
        else:
            created_date = self.created_date

        updated_at: None | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        else:
            updated_at = self.updated_at

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        else:
            currency = self.currency

        configured_currency: None | str | Unset
        if isinstance(self.configured_currency, Unset):
            configured_currency = UNSET
        else:
            configured_currency = self.configured_currency

        display_currency: None | str | Unset
        if isinstance(self.display_currency, Unset):
            display_currency = UNSET
        else:
            display_currency = self.display_currency

        affiliates_url: None | str | Unset
        if isinstance(self.affiliates_url, Unset):
            affiliates_url = UNSET
        else:
            affiliates_url = self.affiliates_url

        affiliates_qr_image: None | str | Unset
        if isinstance(self.affiliates_qr_image, Unset):
            affiliates_qr_image = UNSET
        else:
            affiliates_qr_image = self.affiliates_qr_image

        is_expired: bool | None | Unset
        if isinstance(self.is_expired, Unset):
            is_expired = UNSET
        else:
            is_expired = self.is_expired

        is_valid: bool | None | Unset
        if isinstance(self.is_valid, Unset):
            is_valid = UNSET
        else:
            is_valid = self.is_valid

        remaining_usage: int | None | Unset
        if isinstance(self.remaining_usage, Unset):
            remaining_usage = UNSET
        else:
            remaining_usage = self.remaining_usage

        usage_percentage: float | None | Unset
        if isinstance(self.usage_percentage, Unset):
            usage_percentage = UNSET
        else:
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
        from ..models.associate import Associate  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_serial(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        serial = _parse_serial(d.pop("serial", UNSET))

        def _parse_saas_company_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        saas_company_id = _parse_saas_company_id(d.pop("saas_company_id", UNSET))

        def _parse_associate_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        associate_id = _parse_associate_id(d.pop("associate_id", UNSET))

        def _parse_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code = _parse_code(d.pop("code", UNSET))

        def _parse_type_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        type_ = _parse_type_(d.pop("type", UNSET))

        def _parse_value(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        value = _parse_value(d.pop("value", UNSET))

        def _parse_usage_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        usage_limit = _parse_usage_limit(d.pop("usage_limit", UNSET))

        def _parse_current_usage(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        current_usage = _parse_current_usage(d.pop("current_usage", UNSET))

        def _parse_min_purchase(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        min_purchase = _parse_min_purchase(d.pop("min_purchase", UNSET))

        def _parse_max_purchase(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        max_purchase = _parse_max_purchase(d.pop("max_purchase", UNSET))

        def _parse_start_date(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        start_date = _parse_start_date(d.pop("start_date", UNSET))

        def _parse_end_date(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        end_date = _parse_end_date(d.pop("end_date", UNSET))

        def _parse_active(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        active = _parse_active(d.pop("active", UNSET))

        def _parse_client_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        client_type = _parse_client_type(d.pop("client_type", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_creation_cost(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        creation_cost = _parse_creation_cost(d.pop("creation_cost", UNSET))

        def _parse_created_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by = _parse_created_by(d.pop("created_by", UNSET))

        def _parse_created_date(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_date = _parse_created_date(d.pop("created_date", UNSET))

        def _parse_updated_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        updated_at = _parse_updated_at(d.pop("updated_at", UNSET))

        def _parse_currency(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        currency = _parse_currency(d.pop("currency", UNSET))

        def _parse_configured_currency(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        configured_currency = _parse_configured_currency(d.pop("configured_currency", UNSET))

        def _parse_display_currency(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        display_currency = _parse_display_currency(d.pop("display_currency", UNSET))

        def _parse_affiliates_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        affiliates_url = _parse_affiliates_url(d.pop("affiliates_url", UNSET))

        def _parse_affiliates_qr_image(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        affiliates_qr_image = _parse_affiliates_qr_image(d.pop("affiliates_qr_image", UNSET))

        def _parse_is_expired(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_expired = _parse_is_expired(d.pop("is_expired", UNSET))

        def _parse_is_valid(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_valid = _parse_is_valid(d.pop("is_valid", UNSET))

        def _parse_remaining_usage(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        remaining_usage = _parse_remaining_usage(d.pop("remaining_usage", UNSET))

        def _parse_usage_percentage(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        usage_percentage = _parse_usage_percentage(d.pop("usage_percentage", UNSET))

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
