"""What goes wrong between a program and its outbox; all of it below `HAVNError`.

HAVNError
└── HAVNOutboxError                the outbox can't be used this way: no transaction, another database
    └── HAVNOutboxConflictError    the key is taken by another payload: .message_id .key
"""

from __future__ import annotations

from havn_ext.errors import HAVNError

__all__ = ["HAVNOutboxConflictError", "HAVNOutboxError"]


class HAVNOutboxError(HAVNError):
    """The outbox can't do what was asked; nothing was written."""


class HAVNOutboxConflictError(HAVNOutboxError):
    """The outbox has a message under this key, with another payload.

    Args:
        message: What happened and what to do about it.
        message_id: The message that is there.
        key: The key of both: a transaction's payment id.
    """

    def __init__(self, message: str = "", *, message_id: int | None = None, key: str | None = None) -> None:
        super().__init__(message)
        self.message_id = message_id
        self.key = key
