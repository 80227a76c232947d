"""httpx requests from ours, as the client that sends them would build them, with what never changes merged once.

Most of what `build_request` does (read the address, merge headers, params and cookies) comes out the same for
every call of an operation. A template keeps that; the client's own settings stay honoured, also when they
change between two calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import ref

import attrs
import httpx

from havn_ext._redaction import redact
from havn_ext.config import HIGHEST_PORT
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext._steps import Request, Send

    HTTPClient: TypeAlias = httpx.Client | httpx.AsyncClient

__all__ = ["RequestBuilder", "impossible"]

FOR_EVER: Final = 1e9
"""Seconds. No socket can count to infinity, nor much further than this: a longer limit is none."""


@attrs.frozen
class _Template:
    """The unchanging parts of the requests of one operation, and the settings that they were made of."""

    url: httpx.URL
    headers: httpx.Headers
    encoding: str
    common: Mapping[str, str]
    client_headers: list[tuple[bytes, bytes]]
    client_params: httpx.QueryParams
    client_base_url: httpx.URL

    def fits(self, client: HTTPClient, request: Request) -> bool:
        """Whether the client would still build the same."""
        return (
            request.common is self.common
            and client.params is self.client_params
            and client.base_url is self.client_base_url
            and not client.cookies
            and client.headers.raw == self.client_headers
        )


class RequestBuilder:
    """Builds the requests of one of our clients; any number of threads may.

    Args:
        base_url: The prefix of every path; empty where the httpx client has a base URL of its own.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._known: tuple[ref[HTTPClient] | None, dict[str, _Template]] = (None, {})

    def build(self, client: HTTPClient, step: Send) -> httpx.Request:
        """What `client.build_request` would give.

        Raises:
            HAVNValidationError: There is no such request.
        """
        request = step.request
        if request.content is None or request.params:
            return self._merged(client, step)
        known, templates = self._known
        if known is None or known() is not client:  # the first call, or that of another event loop
            templates = {}
            self._known = (ref(client), templates)
        template = templates.get(request.path)
        if template is None or not template.fits(client, request):
            if client.cookies or not _builds_as_httpx(client):
                return self._merged(client, step)
            bare = step._replace(request=request._replace(headers={}))
            template = templates[request.path] = _template(client, request, self._merged(client, bare))
        return _from_template(template, request, request.content, _timeouts(client.timeout, step))

    def _merged(self, client: HTTPClient, step: Send) -> httpx.Request:
        request = step.request
        try:
            built = client.build_request(
                request.method,
                self._base_url + request.path,
                params=request.params,
                headers=request.all_headers,
                content=request.content,
                timeout=httpx.Timeout(**_timeouts(client.timeout, step)),
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise impossible(str(error)) from None
        if (built.url.port or 0) > HIGHEST_PORT:
            raise impossible(f"there is no port {built.url.port}")
        return built


def _builds_as_httpx(client: HTTPClient) -> bool:
    """Whether nobody has put another `build_request` in place of httpx's, which may do anything."""
    own = httpx.Client.build_request  # both kinds of client have it from the same base class
    return type(client).build_request is own and "build_request" not in vars(client)


def _template(client: HTTPClient, request: Request, built: httpx.Request) -> _Template:
    headers = built.headers.copy()
    del headers["Content-Length"]
    return _Template(
        url=built.url,
        headers=headers,
        encoding=headers.encoding,
        common=request.common,
        client_headers=client.headers.raw,
        client_params=client.params,
        client_base_url=client.base_url,
    )


def _from_template(
    template: _Template, request: Request, content: bytes, timeouts: dict[str, float | None]
) -> httpx.Request:
    built = httpx.Request(
        request.method,
        template.url,
        headers=template.headers,
        stream=httpx.ByteStream(content),
        extensions={"timeout": timeouts},
    )
    headers = built.headers
    headers.encoding = template.encoding  # or httpx looks for it in every header, and again after the answer
    for name, value in request.headers.items():
        headers[name] = value
    headers["Content-Length"] = str(len(content))
    built.read()  # for hooks that look at the content
    return built


def _timeouts(own: httpx.Timeout, step: Send) -> dict[str, float | None]:
    """The limits of each phase: the call's, or else the supplied client's own, and never past the deadline."""
    left = step.left if step.left < FOR_EVER else None
    if step.timeout is not None:
        seconds = min(step.timeout, step.left) if step.timeout < FOR_EVER else left
        return {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
    return {phase: limit if limit and limit < step.left else left for phase, limit in own.as_dict().items()}


def impossible(reason: str) -> HAVNValidationError:
    """The error for a request that can't be sent over HTTP."""
    return HAVNValidationError(errors={"request": redact(f"can't be sent over HTTP: {reason}")})
