"""A caller of the sandbox's control API (`/_sandbox`, see `control.openapi.json` of the sandbox)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import httpx

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

__all__ = ["Control"]

_PATIENCE = httpx.Timeout(10.0, read=310.0)  # seconds; the API itself waits for up to 300


@attrs.frozen
class Control:
    """The control API of one sandbox; safe to share between threads."""

    _http: httpx.Client

    @classmethod
    @contextmanager
    def of(cls, url: str) -> Generator[Control]:
        """That of the sandbox at an address, until the context ends. No proxy of the environment is used."""
        with httpx.Client(base_url=f"{url}/_sandbox/", timeout=_PATIENCE, trust_env=False) as http:
            yield cls(http)

    def ask(
        self, method: str, path: str, *, json: Mapping[str, object] | None = None, **query: str | float
    ) -> dict[str, Any]:
        """What the sandbox answers.

        Args:
            method: `GET`, `POST`, `PUT` or `DELETE`.
            path: Below `/_sandbox/`, such as `clock`.
            json: The body.
            **query: Parameters.

        Raises:
            ValueError: The sandbox refused; the message has its reasons.
        """
        response = self._http.request(method, path, params=query, json=json)
        answer: dict[str, Any] = response.json()
        if response.is_error:
            details = "".join(f"; {detail['path']}: {detail['message']}" for detail in answer.get("details", []))
            raise ValueError(f"the sandbox refused {method} {path}: {answer.get('message')}{details}")
        return answer
