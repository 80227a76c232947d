from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.test_mode_flag import TestModeFlag
from ...models.transaction_request import TransactionRequest
from ...models.transaction_response import TransactionResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: TransactionRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_test_mode, Unset):
        headers["X-Test-Mode"] = str(x_test_mode)

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/webhook/transaction",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | TransactionResponse | None:
    if response.status_code == 200:
        response_200 = TransactionResponse.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = TransactionResponse.from_dict(response.json())

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
) -> Response[ErrorResponse | TransactionResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TransactionRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | TransactionResponse]:
    """Report a paid transaction

     Records a transaction that a customer has paid, and shares out commissions in US cents: the owner of
    `referral_code` earns 5 % (level 1), its uplines 3 %, 2 %, 1 % and 1 % (levels 2 to 5).
    Without `referral_code` nothing is distributed. A sale whose `subtotal_transaction` is above its
    `amount` needs a `promo_code` (otherwise 422).

    The payment id makes the call safe to repeat: the same `payment_gateway_transaction_id` with the
    same payload answers the transaction of the first call.

    A sale in another currency goes out in one of two ways. With `server_side_conversion`, `amount` is
    the raw value and HAVN converts. Without it, `amount` is in US cents, `currency` is `USD`, and
    `custom_fields` names `original_amount`, `original_currency` and `exchange_rate`; HAVN converts
    again with its own rate, and unless both agree to the cent the transaction is left `FAILED`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        idempotency_key (str | Unset):
        body (TransactionRequest): A transaction that a customer has paid. At least one of
            `customer_email` and `customer_id`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | TransactionResponse]
    """

    kwargs = _get_kwargs(
        body=body,
        x_test_mode=x_test_mode,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: TransactionRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | TransactionResponse | None:
    """Report a paid transaction

     Records a transaction that a customer has paid, and shares out commissions in US cents: the owner of
    `referral_code` earns 5 % (level 1), its uplines 3 %, 2 %, 1 % and 1 % (levels 2 to 5).
    Without `referral_code` nothing is distributed. A sale whose `subtotal_transaction` is above its
    `amount` needs a `promo_code` (otherwise 422).

    The payment id makes the call safe to repeat: the same `payment_gateway_transaction_id` with the
    same payload answers the transaction of the first call.

    A sale in another currency goes out in one of two ways. With `server_side_conversion`, `amount` is
    the raw value and HAVN converts. Without it, `amount` is in US cents, `currency` is `USD`, and
    `custom_fields` names `original_amount`, `original_currency` and `exchange_rate`; HAVN converts
    again with its own rate, and unless both agree to the cent the transaction is left `FAILED`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        idempotency_key (str | Unset):
        body (TransactionRequest): A transaction that a customer has paid. At least one of
            `customer_email` and `customer_id`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | TransactionResponse
    """

    return sync_detailed(
        client=client,
        body=body,
        x_test_mode=x_test_mode,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TransactionRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | TransactionResponse]:
    """Report a paid transaction

     Records a transaction that a customer has paid, and shares out commissions in US cents: the owner of
    `referral_code` earns 5 % (level 1), its uplines 3 %, 2 %, 1 % and 1 % (levels 2 to 5).
    Without `referral_code` nothing is distributed. A sale whose `subtotal_transaction` is above its
    `amount` needs a `promo_code` (otherwise 422).

    The payment id makes the call safe to repeat: the same `payment_gateway_transaction_id` with the
    same payload answers the transaction of the first call.

    A sale in another currency goes out in one of two ways. With `server_side_conversion`, `amount` is
    the raw value and HAVN converts. Without it, `amount` is in US cents, `currency` is `USD`, and
    `custom_fields` names `original_amount`, `original_currency` and `exchange_rate`; HAVN converts
    again with its own rate, and unless both agree to the cent the transaction is left `FAILED`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        idempotency_key (str | Unset):
        body (TransactionRequest): A transaction that a customer has paid. At least one of
            `customer_email` and `customer_id`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | TransactionResponse]
    """

    kwargs = _get_kwargs(
        body=body,
        x_test_mode=x_test_mode,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: TransactionRequest,
    x_test_mode: TestModeFlag | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | TransactionResponse | None:
    """Report a paid transaction

     Records a transaction that a customer has paid, and shares out commissions in US cents: the owner of
    `referral_code` earns 5 % (level 1), its uplines 3 %, 2 %, 1 % and 1 % (levels 2 to 5).
    Without `referral_code` nothing is distributed. A sale whose `subtotal_transaction` is above its
    `amount` needs a `promo_code` (otherwise 422).

    The payment id makes the call safe to repeat: the same `payment_gateway_transaction_id` with the
    same payload answers the transaction of the first call.

    A sale in another currency goes out in one of two ways. With `server_side_conversion`, `amount` is
    the raw value and HAVN converts. Without it, `amount` is in US cents, `currency` is `USD`, and
    `custom_fields` names `original_amount`, `original_currency` and `exchange_rate`; HAVN converts
    again with its own rate, and unless both agree to the cent the transaction is left `FAILED`.

    Args:
        x_test_mode (TestModeFlag | Unset): A switch that is on when it is `true`.
        idempotency_key (str | Unset):
        body (TransactionRequest): A transaction that a customer has paid. At least one of
            `customer_email` and `customer_id`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | TransactionResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_test_mode=x_test_mode,
            idempotency_key=idempotency_key,
        )
    ).parsed
