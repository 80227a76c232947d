from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.test_mode_flag import TestModeFlag
from ...models.user_sync_bulk_request import UserSyncBulkRequest
from ...models.user_sync_bulk_response import UserSyncBulkResponse
from ...models.user_sync_request import UserSyncRequest
from ...models.user_sync_response import UserSyncResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: UserSyncBulkRequest | UserSyncRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_test_mode, Unset):
        headers["X-Test-Mode"] = str(x_test_mode)

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/webhook/user-sync",
    }

    if isinstance(body, UserSyncBulkRequest):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | UserSyncBulkResponse | UserSyncResponse | None:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> UserSyncBulkResponse | UserSyncResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = UserSyncBulkResponse.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = UserSyncResponse.from_dict(data)

            return response_200_type_1

        response_200 = _parse_response_200(response.json())

        return response_200

    if response.status_code == 201:

        def _parse_response_201(data: object) -> UserSyncBulkResponse | UserSyncResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_201_type_0 = UserSyncBulkResponse.from_dict(data)

                return response_201_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_201_type_1 = UserSyncResponse.from_dict(data)

            return response_201_type_1

        response_201 = _parse_response_201(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = ErrorResponse.from_dict(response.json())

        return response_409

    if response.status_code == 422:
        response_422 = ErrorResponse.from_dict(response.json())

        return response_422

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
) -> Response[ErrorResponse | UserSyncBulkResponse | UserSyncResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: UserSyncBulkRequest | UserSyncRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> Response[ErrorResponse | UserSyncBulkResponse | UserSyncResponse]:
    """Create or update one user, or up to fifty

     An upsert by email, safe to repeat. The body is one user, or `users` with what they share.

    `referral_code` links a user to that existing associate. Otherwise, with `create_associate`, the
    user gets an associate of its own with a generated referral code, below `upline_code` if given.
    In a bulk call partial success is normal: read `errors`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (UserSyncBulkRequest | UserSyncRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | UserSyncBulkResponse | UserSyncResponse]
    """

    kwargs = _get_kwargs(
        body=body,
        x_test_mode=x_test_mode,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: UserSyncBulkRequest | UserSyncRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> ErrorResponse | UserSyncBulkResponse | UserSyncResponse | None:
    """Create or update one user, or up to fifty

     An upsert by email, safe to repeat. The body is one user, or `users` with what they share.

    `referral_code` links a user to that existing associate. Otherwise, with `create_associate`, the
    user gets an associate of its own with a generated referral code, below `upline_code` if given.
    In a bulk call partial success is normal: read `errors`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (UserSyncBulkRequest | UserSyncRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | UserSyncBulkResponse | UserSyncResponse
    """

    return sync_detailed(
        client=client,
        body=body,
        x_test_mode=x_test_mode,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: UserSyncBulkRequest | UserSyncRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> Response[ErrorResponse | UserSyncBulkResponse | UserSyncResponse]:
    """Create or update one user, or up to fifty

     An upsert by email, safe to repeat. The body is one user, or `users` with what they share.

    `referral_code` links a user to that existing associate. Otherwise, with `create_associate`, the
    user gets an associate of its own with a generated referral code, below `upline_code` if given.
    In a bulk call partial success is normal: read `errors`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (UserSyncBulkRequest | UserSyncRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | UserSyncBulkResponse | UserSyncResponse]
    """

    kwargs = _get_kwargs(
        body=body,
        x_test_mode=x_test_mode,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: UserSyncBulkRequest | UserSyncRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> ErrorResponse | UserSyncBulkResponse | UserSyncResponse | None:
    """Create or update one user, or up to fifty

     An upsert by email, safe to repeat. The body is one user, or `users` with what they share.

    `referral_code` links a user to that existing associate. Otherwise, with `create_associate`, the
    user gets an associate of its own with a generated referral code, below `upline_code` if given.
    In a bulk call partial success is normal: read `errors`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (UserSyncBulkRequest | UserSyncRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | UserSyncBulkResponse | UserSyncResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_test_mode=x_test_mode,
        )
    ).parsed
