"""Login links: a secret token, good once and for five minutes, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from havn_ext.sandbox import moments
from havn_ext.sandbox.messages import Answer, Call, RefusedError

if TYPE_CHECKING:
    from havn_ext.sandbox.store import Row

__all__ = ["create_login_link"]

_EXPIRES_IN: Final = 300  # seconds


def create_login_link(call: Call) -> Answer:
    """Make a login link for an active user; 404 when nobody has the e-mail address, 400 when inactive."""
    user = _active_user(call)
    token = secrets.token_urlsafe(32)
    call.data.insert(
        "login_tokens",
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        user_id=user["id"],
        expires_at=moments.stamp(call.now + timedelta(seconds=_EXPIRES_IN)),
    )
    link = {"redirect_url": f"{call.base_url}/login?token={token}", "token": token, "expires_in": _EXPIRES_IN}
    return Answer(200, {"success": True, "data": link, "message": "Login link created"})


def _active_user(call: Call) -> Row:
    user = call.data.find("users", email=call.body["email"].lower())
    if user is None:
        raise RefusedError.at("/email", status=404, rule="unknown_user", message="No user has this e-mail address")
    if not user["is_active"]:
        raise RefusedError.at("/email", status=400, rule="inactive_user", message="The user is inactive")
    return user
