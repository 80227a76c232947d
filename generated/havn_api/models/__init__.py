"""Contains all the data models used in inputs/outputs"""

from .associate import Associate
from .commission import Commission
from .currency import Currency
from .custom_fields import CustomFields
from .customer_type import CustomerType
from .error_response import ErrorResponse
from .login_link import LoginLink
from .login_request import LoginRequest
from .login_response import LoginResponse
from .pagination import Pagination
from .sort_order import SortOrder
from .stored_custom_fields import StoredCustomFields
from .sync_error import SyncError
from .sync_summary import SyncSummary
from .synced_user import SyncedUser
from .test_mode_flag import TestModeFlag
from .transaction import Transaction
from .transaction_request import TransactionRequest
from .transaction_response import TransactionResponse
from .user_sync_bulk_request import UserSyncBulkRequest
from .user_sync_bulk_response import UserSyncBulkResponse
from .user_sync_request import UserSyncRequest
from .user_sync_response import UserSyncResponse
from .voucher import Voucher
from .voucher_client_type import VoucherClientType
from .voucher_list_response import VoucherListResponse
from .voucher_sort_by import VoucherSortBy
from .voucher_type import VoucherType
from .voucher_validate_request import VoucherValidateRequest
from .voucher_validate_response import VoucherValidateResponse

__all__ = (
    "Associate",
    "Commission",
    "Currency",
    "CustomerType",
    "CustomFields",
    "ErrorResponse",
    "LoginLink",
    "LoginRequest",
    "LoginResponse",
    "Pagination",
    "SortOrder",
    "StoredCustomFields",
    "SyncedUser",
    "SyncError",
    "SyncSummary",
    "TestModeFlag",
    "Transaction",
    "TransactionRequest",
    "TransactionResponse",
    "UserSyncBulkRequest",
    "UserSyncBulkResponse",
    "UserSyncRequest",
    "UserSyncResponse",
    "Voucher",
    "VoucherClientType",
    "VoucherListResponse",
    "VoucherSortBy",
    "VoucherType",
    "VoucherValidateRequest",
    "VoucherValidateResponse",
)
