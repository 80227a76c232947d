from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SyncSummary")


@_attrs_define
class SyncSummary:
    """Counts of a bulk call.

    Attributes:
        total (int | None | Unset): Users sent.
        success (int | None | Unset): Users that succeeded.
        errors (int | None | Unset): Users that failed.
        failed (int | None | Unset): Users that failed; some versions send it in place of `errors`.
    """

    total: int | None | Unset = UNSET
    success: int | None | Unset = UNSET
    errors: int | None | Unset = UNSET
    failed: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        total = self.total

        success = self.success

        errors = self.errors

        failed = self.failed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if total is not UNSET:
            field_dict["total"] = total
        if success is not UNSET:
            field_dict["success"] = success
        if errors is not UNSET:
            field_dict["errors"] = errors
        if failed is not UNSET:
            field_dict["failed"] = failed

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        total: int | None | Unset = d.pop("total", UNSET)

        success: int | None | Unset = d.pop("success", UNSET)

        errors: int | None | Unset = d.pop("errors", UNSET)

        failed: int | None | Unset = d.pop("failed", UNSET)

        sync_summary = cls(
            total=total,
            success=success,
            errors=errors,
            failed=failed,
        )

        sync_summary.additional_properties = d
        return sync_summary

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
