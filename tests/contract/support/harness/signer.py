"""Credentials, put on a request when its bytes stand; what is signed is the JSON that HAVN will parse from them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

import attrs
from requests.auth import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["Signer", "body_of"]


@attrs.frozen
class Signer(AuthBase):
    """Signs as a company.

    The signature is made with `hmac` and `json` alone, so that a bug of `havn_ext.signing`, which the sandbox
    uses as well, cannot hide.

    Args:
        api_key: The company's key.
        secret: The company's webhook secret.
        test_mode: Whether every request says `X-Test-Mode: true`, whatever it said before.
        without: Headers that are left out.
    """

    api_key: str
    secret: str = attrs.field(repr=False)
    test_mode: bool = False
    without: frozenset[str] = frozenset()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request with its headers (called by `requests` once the body is serialised)."""
        credentials = {"X-API-Key": self.api_key, "X-Signature": self._signature(body_of(request))}
        request.headers.update({name: value for name, value in credentials.items() if name not in self.without})
        if self.test_mode:
            request.headers["X-Test-Mode"] = "true"
        return request

    def _signature(self, body: bytes) -> str:
        try:
            document = json.loads(body) if body else {}
        except (ValueError, RecursionError):
            document = {}  # not JSON: any signature will do, the body is refused first
        canonical = json.dumps(document, separators=(",", ":"), sort_keys=True)
        return hmac.new(self.secret.encode(), canonical.encode(), hashlib.sha256).hexdigest()


def body_of(request: PreparedRequest) -> bytes:
    """The body of a request as it goes over the wire; empty when there is none."""
    body = request.body
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""
