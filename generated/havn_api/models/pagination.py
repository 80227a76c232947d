from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Pagination")


@_attrs_define
class Pagination:
    """Where a page stands among all.

    Attributes:
        page (int | None | Unset): Number of this page, from 1.
        limit (int | None | Unset): Entries on a page.
        per_page (int | None | Unset): Entries on a page; some versions send it in place of `limit`.
        total (int | None | Unset): Entries in all.
        total_pages (int | None | Unset): Pages in all.
        has_prev (bool | None | Unset): Whether a page comes before.
        has_next (bool | None | Unset): Whether a page follows.
    """

    page: int | None | Unset = UNSET
    limit: int | None | Unset = UNSET
    per_page: int | None | Unset = UNSET
    total: int | None | Unset = UNSET
    total_pages: int | None | Unset = UNSET
    has_prev: bool | None | Unset = UNSET
    has_next: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        page = self.page

        limit = self.limit

        per_page = self.per_page

        total = self.total

        total_pages = self.total_pages

        has_prev = self.has_prev

        has_next = self.has_next

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if page is not UNSET:
            field_dict["page"] = page
        if limit is not UNSET:
            field_dict["limit"] = limit
        if per_page is not UNSET:
            field_dict["per_page"] = per_page
        if total is not UNSET:
            field_dict["total"] = total
        if total_pages is not UNSET:
            field_dict["total_pages"] = total_pages
        if has_prev is not UNSET:
            field_dict["has_prev"] = has_prev
        if has_next is not UNSET:
            field_dict["has_next"] = has_next

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        page: int | None | Unset = d.pop("page", UNSET)

        limit: int | None | Unset = d.pop("limit", UNSET)

        per_page: int | None | Unset = d.pop("per_page", UNSET)

        total: int | None | Unset = d.pop("total", UNSET)

        total_pages: int | None | Unset = d.pop("total_pages", UNSET)

        has_prev: bool | None | Unset = d.pop("has_prev", UNSET)

        has_next: bool | None | Unset = d.pop("has_next", UNSET)

        pagination = cls(
            page=page,
            limit=limit,
            per_page=per_page,
            total=total,
            total_pages=total_pages,
            has_prev=has_prev,
            has_next=has_next,
        )

        pagination.additional_properties = d
        return pagination

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
