"""The errors under the module name that the published client uses; see `havn_ext.errors`."""

from havn_ext.errors import (
    HAVNAPIError,
    HAVNAuthError,
    HAVNBadRequestError,
    HAVNConflictError,
    HAVNConversionError,
    HAVNError,
    HAVNNetworkError,
    HAVNNotFoundError,
    HAVNRateLimitError,
    HAVNResponseError,
    HAVNServerError,
    HAVNTimeoutError,
    HAVNUnprocessableError,
    HAVNValidationError,
)

__all__ = [
    "HAVNAPIError",
    "HAVNAuthError",
    "HAVNBadRequestError",
    "HAVNConflictError",
    "HAVNConversionError",
    "HAVNError",
    "HAVNNetworkError",
    "HAVNNotFoundError",
    "HAVNRateLimitError",
    "HAVNResponseError",
    "HAVNServerError",
    "HAVNTimeoutError",
    "HAVNUnprocessableError",
    "HAVNValidationError",
]
