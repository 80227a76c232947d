"""The pages about requests: the live list, one of them in detail, exports, and sending one again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from havn_ext.sandbox.inspector import (
    as_curl,
    as_python,
    diagnosis,
    directory,
    har,
    resending,
    streaming,
    templating,
)
from havn_ext.sandbox.inspector.addresses import ROOT
from havn_ext.sandbox.inspector.directory import Listed
from havn_ext.sandbox.inspector.filters import Filters
from havn_ext.sandbox.inspector.first_request import FirstRequest
from havn_ext.sandbox.inspector.marks import MarkedBody, MarkedPairs
from havn_ext.sandbox.inspector.masking import masked_headers

if TYPE_CHECKING:
    from starlette.requests import Request

    from havn_ext.sandbox.box import Box
    from havn_ext.sandbox.messages import Detail
    from havn_ext.sandbox.request_log import Entry, Wanted

__all__ = ["export_har", "export_ndjson", "export_one_har", "listing", "live", "nowhere", "resend", "show"]

_MOST_ROWS: Final = 200


async def listing(request: Request) -> Response:
    """The newest requests that fit the filters of the address."""
    log = _box(request).log
    filters, companies = Filters.from_query(request.query_params), _companies(request)
    since = f"since_id={log.last_id}"
    return templating.page(
        "requests.html",
        headers={"HX-Push-Url": f"/?{filters.query}" if filters.query else "/", "Vary": "HX-Request"},
        current="Requests",
        company=None,
        filters=filters,
        choices=filters.choices(companies, log.entries()),
        rows=[_row(entry) for entry in log.entries(_MOST_ROWS, **filters.wanted(companies))],
        live=f"{ROOT}/live?{'&'.join(filter(None, [filters.query, since]))}",
        first=FirstRequest(_base_url(request)),
    )


async def live(request: Request) -> Response:
    """A stream of rows, for every request that fits the filters and is newer than what the page has."""
    wanted = _wanted(request)
    newest_seen = request.headers.get("last-event-id", request.query_params.get("since_id", ""))
    wanted["since_id"] = int(newest_seen) if newest_seen.isdecimal() else _box(request).log.last_id
    stream = streaming.events(
        _box(request).log, wanted, lambda entry: templating.rendered("_rows.html", rows=[_row(entry)])
    )
    return StreamingResponse(stream, media_type="text/event-stream")


async def show(request: Request) -> Response:
    """One request in detail."""
    entry = _entry(request)
    return _no_entry() if entry is None else templating.page("request.html", **_detail(entry, _base_url(request)))


async def resend(request: Request) -> Response:
    """Send one request again, and lead to what came of it."""
    entry = _entry(request)
    if entry is None or entry.request_body.truncated:
        return _no_entry()
    again = await resending.send_again(request.app, _box(request).log, entry, _base_url(request))
    return RedirectResponse("/" if again is None else f"{ROOT}/requests/{again.id}", 303)


async def export_har(request: Request) -> Response:
    """The filtered list as a HAR file."""
    return _har_file(request, _box(request).log.entries(**_wanted(request)), "havn-sandbox.har")


async def export_one_har(request: Request) -> Response:
    """One request as a HAR file."""
    entry = _entry(request)
    return _no_entry() if entry is None else _har_file(request, [entry], f"havn-sandbox-{entry.id}.har")


async def export_ndjson(request: Request) -> Response:
    """The filtered list, oldest first, as one JSON object a line."""
    entries = reversed(_box(request).log.entries(**_wanted(request)))
    lines = "".join(f"{json.dumps(entry.described())}\n" for entry in entries)
    return Response(lines, media_type="application/x-ndjson", headers=_as_file("havn-sandbox.ndjson"))


async def nowhere(_request: Request, _error: Exception) -> Response:
    """What an address below the prefix gets that leads nowhere."""
    return templating.message(404, "No such page", "Nothing of the inspector has this address.")


def _detail(entry: Entry, base_url: str) -> dict[str, Any]:
    """What the page about one request needs."""
    faults = (*entry.signature, *entry.validation)
    query = parse_qsl(entry.query, keep_blank_values=True)
    return {
        "current": None,
        "entry": entry,
        **_names(entry),
        "steps": diagnosis.steps(entry),
        "query": MarkedPairs.of("Query", query, _within("query", faults)),
        "request_headers": MarkedPairs.of(
            "Headers of the request", masked_headers(entry.request_headers), _within("header", faults)
        ),
        "request_body": MarkedBody.of("Body of the request", entry.request_body, _within("body", faults)),
        "canonical": entry.canonical,
        "answer_headers": MarkedPairs.of("Headers of the answer", masked_headers(entry.answer_headers), []),
        "answer_body": MarkedBody.of("Body of the answer", entry.answer_body),
        "curl": as_curl.curl(entry, base_url),
        "python": as_python.python(entry, base_url),
    }


def _within(location: str, faults: tuple[Detail, ...]) -> list[Detail]:
    return [fault for fault in faults if fault.location == location]


def _names(entry: Entry) -> dict[str, Any]:
    """The company and the duration of an entry, in words."""
    return {
        "company": None if entry.company is None else Listed(entry.company),
        "milliseconds": f"{entry.duration * 1000:.1f}",
    }


def _row(entry: Entry) -> dict[str, Any]:
    return {"entry": entry, **_names(entry)}


def _har_file(request: Request, entries: list[Entry], name: str) -> Response:
    return JSONResponse(har.archive(entries, _base_url(request)), headers=_as_file(name))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _no_entry() -> Response:
    return templating.message(404, "No such request", "The log keeps the newest requests only; this one is gone.")


def _box(request: Request) -> Box:
    box: Box = request.app.state.box
    return box


def _entry(request: Request) -> Entry | None:
    return _box(request).log.get(request.path_params["entry_id"])


def _companies(request: Request) -> list[Listed]:
    return directory.logged(_box(request))


def _wanted(request: Request) -> Wanted:
    return Filters.from_query(request.query_params).wanted(_companies(request))


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")
