from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.login_request import LoginRequest
from ...models.login_response import LoginResponse
from ...models.test_mode_flag import TestModeFlag
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: LoginRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_test_mode, Unset):
        headers["X-Test-Mode"] = str(x_test_mode)

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/webhook/login",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | LoginResponse | None:
    if response.status_code == 200:
        response_200 = LoginResponse.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

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
) -> Response[ErrorResponse | LoginResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: LoginRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> Response[ErrorResponse | LoginResponse]:
    """Make a login link

     Answers a link that logs the user in to HAVN once. The token in it is a secret: pass the link on to
    the user's browser and keep it nowhere. HAVN allows twenty calls a minute per company.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (LoginRequest): The user to log in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | LoginResponse]
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
    body: LoginRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> ErrorResponse | LoginResponse | None:
    """Make a login link

     Answers a link that logs the user in to HAVN once. The token in it is a secret: pass the link on to
    the user's browser and keep it nowhere. HAVN allows twenty calls a minute per company.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (LoginRequest): The user to log in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | LoginResponse
    """

    return sync_detailed(
        client=client,
        body=body,
        x_test_mode=x_test_mode,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: LoginRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> Response[ErrorResponse | LoginResponse]:
    """Make a login link

     Answers a link that logs the user in to HAVN once. The token in it is a secret: pass the link on to
    the user's browser and keep it nowhere. HAVN allows twenty calls a minute per company.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (LoginRequest): The user to log in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | LoginResponse]
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
    body: LoginRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
) -> ErrorResponse | LoginResponse | None:
    """Make a login link

     Answers a link that logs the user in to HAVN once. The token in it is a secret: pass the link on to
    the user's browser and keep it nowhere. HAVN allows twenty calls a minute per company.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        body (LoginRequest): The user to log in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | LoginResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_test_mode=x_test_mode,
        )
    ).parsed
