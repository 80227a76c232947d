from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserSyncBulkResponse")


@_attrs_define
class UserSyncBulkResponse:
    """What became of each user of a bulk call. `results` tells it from a single answer.

    Attributes:
        results (list[UserSyncResponse] | None): The users that succeeded, each as in a single call.
        success (bool | None | Unset): Whether the call succeeded.
        message (None | str | Unset): A sentence for people.
        summary (None | SyncSummary | Unset): How many of the users succeeded.
        referral_code (None | str | Unset): Referral code of the first success, for the next batch.
        errors (list[SyncError] | None | Unset): The users that failed, and why.
    """

    results: list[UserSyncResponse] | None
    success: bool | None | Unset = UNSET
    message: None | str | Unset = UNSET
    summary: None | SyncSummary | Unset = UNSET
    referral_code: None | str | Unset = UNSET
    errors: list[SyncError] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        results: list[dict[str, Any]] | None
        if isinstance(self.results, list):
            results = []
            for results_type_0_item_data in self.results:
                results_type_0_item = results_type_0_item_data.to_dict()
                results.append(results_type_0_item)

        else:
            results = self.results

        success = self.success

        message = self.message

        summary: dict[str, Any] | None | Unset
        if isinstance(self.summary, Unset):
            summary = UNSET
        elif isinstance(self.summary, SyncSummary):
            summary = self.summary.to_dict()
        else:
            summary = self.summary

        referral_code = self.referral_code

        errors: list[dict[str, Any]] | None | Unset
        if isinstance(self.errors, Unset):
            errors = UNSET
        elif isinstance(self.errors, list):
            errors = []
            for errors_type_0_item_data in self.errors:
                errors_type_0_item = errors_type_0_item_data.to_dict()
                errors.append(errors_type_0_item)

        else:
            errors = self.errors

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "results": results,
            }
        )
        if success is not UNSET:
            field_dict["success"] = success
        if message is not UNSET:
            field_dict["message"] = message
        if summary is not UNSET:
            field_dict["summary"] = summary
        if referral_code is not UNSET:
            field_dict["referral_code"] = referral_code
        if errors is not UNSET:
            field_dict["errors"] = errors

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_results(data: object) -> list[UserSyncResponse] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                results_type_0 = []
                _results_type_0 = data
                for results_type_0_item_data in _results_type_0:
                    results_type_0_item = UserSyncResponse.from_dict(results_type_0_item_data)

                    results_type_0.append(results_type_0_item)

                return results_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[UserSyncResponse] | None, data)

        results = _parse_results(d.pop("results"))

        success: bool | None | Unset = d.pop("success", UNSET)

        message: None | str | Unset = d.pop("message", UNSET)

        def _parse_summary(data: object) -> None | SyncSummary | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                summary_type_0 = SyncSummary.from_dict(data)

                return summary_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SyncSummary | Unset, data)

        summary = _parse_summary(d.pop("summary", UNSET))

        referral_code: None | str | Unset = d.pop("referral_code", UNSET)

        def _parse_errors(data: object) -> list[SyncError] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                errors_type_0 = []
                _errors_type_0 = data
                for errors_type_0_item_data in _errors_type_0:
                    errors_type_0_item = SyncError.from_dict(errors_type_0_item_data)

                    errors_type_0.append(errors_type_0_item)

                return errors_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[SyncError] | None | Unset, data)

        errors = _parse_errors(d.pop("errors", UNSET))

        user_sync_bulk_response = cls(
            results=results,
            success=success,
            message=message,
            summary=summary,
            referral_code=referral_code,
            errors=errors,
        )

        user_sync_bulk_response.additional_properties = d
        return user_sync_bulk_response

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


from ..models.sync_error import SyncError  # noqa: E402
from ..models.sync_summary import SyncSummary  # noqa: E402
from ..models.user_sync_response import UserSyncResponse  # noqa: E402
