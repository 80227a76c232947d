import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.currency import Currency
from ...models.error_response import ErrorResponse
from ...models.sort_order import SortOrder
from ...models.test_mode_flag import TestModeFlag
from ...models.voucher_client_type import VoucherClientType
from ...models.voucher_list_response import VoucherListResponse
from ...models.voucher_sort_by import VoucherSortBy
from ...models.voucher_type import VoucherType
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    page: int | Unset = 1,
    per_page: int | Unset = 10,
    active: bool | Unset = UNSET,
    type_: VoucherType | Unset = UNSET,
    client_type: VoucherClientType | Unset = UNSET,
    currency: Currency | Unset = UNSET,
    search: str | Unset = UNSET,
    start_date_from: datetime.date | Unset = UNSET,
    start_date_to: datetime.date | Unset = UNSET,
    end_date_from: datetime.date | Unset = UNSET,
    end_date_to: datetime.date | Unset = UNSET,
    created_from: datetime.date | datetime.datetime | Unset = UNSET,
    created_to: datetime.date | datetime.datetime | Unset = UNSET,
    min_value: int | Unset = UNSET,
    max_value: int | Unset = UNSET,
    min_purchase_from: int | Unset = UNSET,
    min_purchase_to: int | Unset = UNSET,
    usage_limit_from: int | Unset = UNSET,
    usage_limit_to: int | Unset = UNSET,
    is_valid: bool | Unset = UNSET,
    is_expired: bool | Unset = UNSET,
    sort_by: VoucherSortBy | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    display_currency: Currency | Unset = UNSET,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_test_mode, Unset):
        headers["X-Test-Mode"] = str(x_test_mode)

    params: dict[str, Any] = {}

    params["page"] = page

    params["per_page"] = per_page

    params["active"] = active

    json_type_: str | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    json_client_type: str | Unset = UNSET
    if not isinstance(client_type, Unset):
        json_client_type = client_type

    params["client_type"] = json_client_type

    json_currency: str | Unset = UNSET
    if not isinstance(currency, Unset):
        json_currency = currency

    params["currency"] = json_currency

    params["search"] = search

    json_start_date_from: str | Unset = UNSET
    if not isinstance(start_date_from, Unset):
        json_start_date_from = start_date_from.isoformat()
    params["start_date_from"] = json_start_date_from

    json_start_date_to: str | Unset = UNSET
    if not isinstance(start_date_to, Unset):
        json_start_date_to = start_date_to.isoformat()
    params["start_date_to"] = json_start_date_to

    json_end_date_from: str | Unset = UNSET
    if not isinstance(end_date_from, Unset):
        json_end_date_from = end_date_from.isoformat()
    params["end_date_from"] = json_end_date_from

    json_end_date_to: str | Unset = UNSET
    if not isinstance(end_date_to, Unset):
        json_end_date_to = end_date_to.isoformat()
    params["end_date_to"] = json_end_date_to

    json_created_from: str | Unset
    if isinstance(created_from, Unset):
        json_created_from = UNSET
    elif isinstance(created_from, datetime.date):
        json_created_from = created_from.isoformat()
    else:
        json_created_from = created_from.isoformat()

    params["created_from"] = json_created_from

    json_created_to: str | Unset
    if isinstance(created_to, Unset):
        json_created_to = UNSET
    elif isinstance(created_to, datetime.date):
        json_created_to = created_to.isoformat()
    else:
        json_created_to = created_to.isoformat()

    params["created_to"] = json_created_to

    params["min_value"] = min_value

    params["max_value"] = max_value

    params["min_purchase_from"] = min_purchase_from

    params["min_purchase_to"] = min_purchase_to

    params["usage_limit_from"] = usage_limit_from

    params["usage_limit_to"] = usage_limit_to

    params["is_valid"] = is_valid

    params["is_expired"] = is_expired

    json_sort_by: str | Unset = UNSET
    if not isinstance(sort_by, Unset):
        json_sort_by = sort_by

    params["sort_by"] = json_sort_by

    json_sort_order: str | Unset = UNSET
    if not isinstance(sort_order, Unset):
        json_sort_order = sort_order

    params["sort_order"] = json_sort_order

    json_display_currency: str | Unset = UNSET
    if not isinstance(display_currency, Unset):
        json_display_currency = display_currency

    params["display_currency"] = json_display_currency

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/webhook/vouchers",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | VoucherListResponse | None:
    if response.status_code == 200:
        response_200 = VoucherListResponse.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = ErrorResponse.from_dict(response.json())

        return response_5xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorResponse | VoucherListResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 1,
    per_page: int | Unset = 10,
    active: bool | Unset = UNSET,
    type_: VoucherType | Unset = UNSET,
    client_type: VoucherClientType | Unset = UNSET,
    currency: Currency | Unset = UNSET,
    search: str | Unset = UNSET,
    start_date_from: datetime.date | Unset = UNSET,
    start_date_to: datetime.date | Unset = UNSET,
    end_date_from: datetime.date | Unset = UNSET,
    end_date_to: datetime.date | Unset = UNSET,
    created_from: datetime.date | datetime.datetime | Unset = UNSET,
    created_to: datetime.date | datetime.datetime | Unset = UNSET,
    min_value: int | Unset = UNSET,
    max_value: int | Unset = UNSET,
    min_purchase_from: int | Unset = UNSET,
    min_purchase_to: int | Unset = UNSET,
    usage_limit_from: int | Unset = UNSET,
    usage_limit_to: int | Unset = UNSET,
    is_valid: bool | Unset = UNSET,
    is_expired: bool | Unset = UNSET,
    sort_by: VoucherSortBy | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    display_currency: Currency | Unset = UNSET,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> Response[ErrorResponse | VoucherListResponse]:
    """List the vouchers of HAVN

     A page of the company's vouchers, filtered and sorted. The signature is over `{}`; the query is not
    signed.

    Args:
        page (int | Unset):  Default: 1.
        per_page (int | Unset):  Default: 10.
        active (bool | Unset):
        type_ (VoucherType | Unset): What a voucher takes off, a share of the subtotal or a fixed
            amount.
        client_type (VoucherClientType | Unset): The customers that a voucher is meant for.
        currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See "Money"
            for its decimals.
        search (str | Unset):
        start_date_from (datetime.date | Unset):
        start_date_to (datetime.date | Unset):
        end_date_from (datetime.date | Unset):
        end_date_to (datetime.date | Unset):
        created_from (datetime.date | datetime.datetime | Unset):
        created_to (datetime.date | datetime.datetime | Unset):
        min_value (int | Unset):
        max_value (int | Unset):
        min_purchase_from (int | Unset):
        min_purchase_to (int | Unset):
        usage_limit_from (int | Unset):
        usage_limit_to (int | Unset):
        is_valid (bool | Unset):
        is_expired (bool | Unset):
        sort_by (VoucherSortBy | Unset): A property that vouchers can be sorted by.
        sort_order (SortOrder | Unset): Ascending or descending.
        display_currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See
            "Money" for its decimals.
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | VoucherListResponse]
    """

    kwargs = _get_kwargs(
        page=page,
        per_page=per_page,
        active=active,
        type_=type_,
        client_type=client_type,
        currency=currency,
        search=search,
        start_date_from=start_date_from,
        start_date_to=start_date_to,
        end_date_from=end_date_from,
        end_date_to=end_date_to,
        created_from=created_from,
        created_to=created_to,
        min_value=min_value,
        max_value=max_value,
        min_purchase_from=min_purchase_from,
        min_purchase_to=min_purchase_to,
        usage_limit_from=usage_limit_from,
        usage_limit_to=usage_limit_to,
        is_valid=is_valid,
        is_expired=is_expired,
        sort_by=sort_by,
        sort_order=sort_order,
        display_currency=display_currency,
        x_test_mode=x_test_mode,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 1,
    per_page: int | Unset = 10,
    active: bool | Unset = UNSET,
    type_: VoucherType | Unset = UNSET,
    client_type: VoucherClientType | Unset = UNSET,
    currency: Currency | Unset = UNSET,
    search: str | Unset = UNSET,
    start_date_from: datetime.date | Unset = UNSET,
    start_date_to: datetime.date | Unset = UNSET,
    end_date_from: datetime.date | Unset = UNSET,
    end_date_to: datetime.date | Unset = UNSET,
    created_from: datetime.date | datetime.datetime | Unset = UNSET,
    created_to: datetime.date | datetime.datetime | Unset = UNSET,
    min_value: int | Unset = UNSET,
    max_value: int | Unset = UNSET,
    min_purchase_from: int | Unset = UNSET,
    min_purchase_to: int | Unset = UNSET,
    usage_limit_from: int | Unset = UNSET,
    usage_limit_to: int | Unset = UNSET,
    is_valid: bool | Unset = UNSET,
    is_expired: bool | Unset = UNSET,
    sort_by: VoucherSortBy | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    display_currency: Currency | Unset = UNSET,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> ErrorResponse | VoucherListResponse | None:
    """List the vouchers of HAVN

     A page of the company's vouchers, filtered and sorted. The signature is over `{}`; the query is not
    signed.

    Args:
        page (int | Unset):  Default: 1.
        per_page (int | Unset):  Default: 10.
        active (bool | Unset):
        type_ (VoucherType | Unset): What a voucher takes off, a share of the subtotal or a fixed
            amount.
        client_type (VoucherClientType | Unset): The customers that a voucher is meant for.
        currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See "Money"
            for its decimals.
        search (str | Unset):
        start_date_from (datetime.date | Unset):
        start_date_to (datetime.date | Unset):
        end_date_from (datetime.date | Unset):
        end_date_to (datetime.date | Unset):
        created_from (datetime.date | datetime.datetime | Unset):
        created_to (datetime.date | datetime.datetime | Unset):
        min_value (int | Unset):
        max_value (int | Unset):
        min_purchase_from (int | Unset):
        min_purchase_to (int | Unset):
        usage_limit_from (int | Unset):
        usage_limit_to (int | Unset):
        is_valid (bool | Unset):
        is_expired (bool | Unset):
        sort_by (VoucherSortBy | Unset): A property that vouchers can be sorted by.
        sort_order (SortOrder | Unset): Ascending or descending.
        display_currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See
            "Money" for its decimals.
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | VoucherListResponse
    """

    return sync_detailed(
        client=client,
        page=page,
        per_page=per_page,
        active=active,
        type_=type_,
        client_type=client_type,
        currency=currency,
        search=search,
        start_date_from=start_date_from,
        start_date_to=start_date_to,
        end_date_from=end_date_from,
        end_date_to=end_date_to,
        created_from=created_from,
        created_to=created_to,
        min_value=min_value,
        max_value=max_value,
        min_purchase_from=min_purchase_from,
        min_purchase_to=min_purchase_to,
        usage_limit_from=usage_limit_from,
        usage_limit_to=usage_limit_to,
        is_valid=is_valid,
        is_expired=is_expired,
        sort_by=sort_by,
        sort_order=sort_order,
        display_currency=display_currency,
        x_test_mode=x_test_mode,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 1,
    per_page: int | Unset = 10,
    active: bool | Unset = UNSET,
    type_: VoucherType | Unset = UNSET,
    client_type: VoucherClientType | Unset = UNSET,
    currency: Currency | Unset = UNSET,
    search: str | Unset = UNSET,
    start_date_from: datetime.date | Unset = UNSET,
    start_date_to: datetime.date | Unset = UNSET,
    end_date_from: datetime.date | Unset = UNSET,
    end_date_to: datetime.date | Unset = UNSET,
    created_from: datetime.date | datetime.datetime | Unset = UNSET,
    created_to: datetime.date | datetime.datetime | Unset = UNSET,
    min_value: int | Unset = UNSET,
    max_value: int | Unset = UNSET,
    min_purchase_from: int | Unset = UNSET,
    min_purchase_to: int | Unset = UNSET,
    usage_limit_from: int | Unset = UNSET,
    usage_limit_to: int | Unset = UNSET,
    is_valid: bool | Unset = UNSET,
    is_expired: bool | Unset = UNSET,
    sort_by: VoucherSortBy | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    display_currency: Currency | Unset = UNSET,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> Response[ErrorResponse | VoucherListResponse]:
    """List the vouchers of HAVN

     A page of the company's vouchers, filtered and sorted. The signature is over `{}`; the query is not
    signed.

    Args:
        page (int | Unset):  Default: 1.
        per_page (int | Unset):  Default: 10.
        active (bool | Unset):
        type_ (VoucherType | Unset): What a voucher takes off, a share of the subtotal or a fixed
            amount.
        client_type (VoucherClientType | Unset): The customers that a voucher is meant for.
        currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See "Money"
            for its decimals.
        search (str | Unset):
        start_date_from (datetime.date | Unset):
        start_date_to (datetime.date | Unset):
        end_date_from (datetime.date | Unset):
        end_date_to (datetime.date | Unset):
        created_from (datetime.date | datetime.datetime | Unset):
        created_to (datetime.date | datetime.datetime | Unset):
        min_value (int | Unset):
        max_value (int | Unset):
        min_purchase_from (int | Unset):
        min_purchase_to (int | Unset):
        usage_limit_from (int | Unset):
        usage_limit_to (int | Unset):
        is_valid (bool | Unset):
        is_expired (bool | Unset):
        sort_by (VoucherSortBy | Unset): A property that vouchers can be sorted by.
        sort_order (SortOrder | Unset): Ascending or descending.
        display_currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See
            "Money" for its decimals.
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | VoucherListResponse]
    """

    kwargs = _get_kwargs(
        page=page,
        per_page=per_page,
        active=active,
        type_=type_,
        client_type=client_type,
        currency=currency,
        search=search,
        start_date_from=start_date_from,
        start_date_to=start_date_to,
        end_date_from=end_date_from,
        end_date_to=end_date_to,
        created_from=created_from,
        created_to=created_to,
        min_value=min_value,
        max_value=max_value,
        min_purchase_from=min_purchase_from,
        min_purchase_to=min_purchase_to,
        usage_limit_from=usage_limit_from,
        usage_limit_to=usage_limit_to,
        is_valid=is_valid,
        is_expired=is_expired,
        sort_by=sort_by,
        sort_order=sort_order,
        display_currency=display_currency,
        x_test_mode=x_test_mode,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 1,
    per_page: int | Unset = 10,
    active: bool | Unset = UNSET,
    type_: VoucherType | Unset = UNSET,
    client_type: VoucherClientType | Unset = UNSET,
    currency: Currency | Unset = UNSET,
    search: str | Unset = UNSET,
    start_date_from: datetime.date | Unset = UNSET,
    start_date_to: datetime.date | Unset = UNSET,
    end_date_from: datetime.date | Unset = UNSET,
    end_date_to: datetime.date | Unset = UNSET,
    created_from: datetime.date | datetime.datetime | Unset = UNSET,
    created_to: datetime.date | datetime.datetime | Unset = UNSET,
    min_value: int | Unset = UNSET,
    max_value: int | Unset = UNSET,
    min_purchase_from: int | Unset = UNSET,
    min_purchase_to: int | Unset = UNSET,
    usage_limit_from: int | Unset = UNSET,
    usage_limit_to: int | Unset = UNSET,
    is_valid: bool | Unset = UNSET,
    is_expired: bool | Unset = UNSET,
    sort_by: VoucherSortBy | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    display_currency: Currency | Unset = UNSET,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> ErrorResponse | VoucherListResponse | None:
    """List the vouchers of HAVN

     A page of the company's vouchers, filtered and sorted. The signature is over `{}`; the query is not
    signed.

    Args:
        page (int | Unset):  Default: 1.
        per_page (int | Unset):  Default: 10.
        active (bool | Unset):
        type_ (VoucherType | Unset): What a voucher takes off, a share of the subtotal or a fixed
            amount.
        client_type (VoucherClientType | Unset): The customers that a voucher is meant for.
        currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See "Money"
            for its decimals.
        search (str | Unset):
        start_date_from (datetime.date | Unset):
        start_date_to (datetime.date | Unset):
        end_date_from (datetime.date | Unset):
        end_date_to (datetime.date | Unset):
        created_from (datetime.date | datetime.datetime | Unset):
        created_to (datetime.date | datetime.datetime | Unset):
        min_value (int | Unset):
        max_value (int | Unset):
        min_purchase_from (int | Unset):
        min_purchase_to (int | Unset):
        usage_limit_from (int | Unset):
        usage_limit_to (int | Unset):
        is_valid (bool | Unset):
        is_expired (bool | Unset):
        sort_by (VoucherSortBy | Unset): A property that vouchers can be sorted by.
        sort_order (SortOrder | Unset): Ascending or descending.
        display_currency (Currency | Unset): ISO 4217 code of a currency that HAVN accepts. See
            "Money" for its decimals.
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | VoucherListResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            page=page,
            per_page=per_page,
            active=active,
            type_=type_,
            client_type=client_type,
            currency=currency,
            search=search,
            start_date_from=start_date_from,
            start_date_to=start_date_to,
            end_date_from=end_date_from,
            end_date_to=end_date_to,
            created_from=created_from,
            created_to=created_to,
            min_value=min_value,
            max_value=max_value,
            min_purchase_from=min_purchase_from,
            min_purchase_to=min_purchase_to,
            usage_limit_from=usage_limit_from,
            usage_limit_to=usage_limit_to,
            is_valid=is_valid,
            is_expired=is_expired,
            sort_by=sort_by,
            sort_order=sort_order,
            display_currency=display_currency,
            x_test_mode=x_test_mode,
        )
    ).parsed
