"""One AsyncHAVNClient for an app, from its start to its end, and the dependency that hands it out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends
from fastapi.requests import HTTPConnection  # noqa: TC002  FastAPI reads the annotations

from havn_ext.client import AsyncHAVNClient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi import FastAPI

__all__ = ["HAVNDependency", "havn_client", "havn_lifespan"]

_STATE: Final = "havn_client"


def havn_lifespan(
    make: Callable[[], AsyncHAVNClient] = AsyncHAVNClient,
) -> Callable[[FastAPI], AbstractAsyncContextManager[dict[str, AsyncHAVNClient]]]:
    """A lifespan in which an app has a client: `FastAPI(lifespan=havn_lifespan())`.

    Beside a lifespan of your own, enter it there and yield what it gives, with your own state if there is any:

        @asynccontextmanager
        async def lifespan(app):
            async with havn_lifespan()(app) as state, database() as db:
                yield {**state, "db": db}

    Args:
        make: Makes the client, such as `lambda: AsyncHAVNClient(timeout=5)`; by the environment when left out.
            Whatever is wrong with its settings keeps the app from starting.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, AsyncHAVNClient]]:
        async with make() as client:
            yield {_STATE: client}

    return lifespan


def havn_client(connection: HTTPConnection) -> AsyncHAVNClient:
    """The app's client: `havn: Annotated[AsyncHAVNClient, Depends(havn_client)]`, or `havn: HAVNDependency`.

    In tests `app.dependency_overrides[havn_client]` may give another one.

    Raises:
        RuntimeError: The app has none, or was not started.
    """
    client = getattr(connection.state, _STATE, None)
    if not isinstance(client, AsyncHAVNClient):
        raise RuntimeError(
            "this app has no HAVN client: FastAPI(lifespan=havn_lifespan()), or yield that lifespan's state from"
            " your own; with a TestClient, enter it: `with TestClient(app) as browser`"
        )
    return client


HAVNDependency = Annotated[AsyncHAVNClient, Depends(havn_client)]
"""The app's client, as the type of a parameter."""
