from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from sandbox_support import (
    KEY,
    LOGIN,
    REFERRAL,
    TRANSACTION,
    USER_SYNC,
    VALIDATE,
    VOUCHERS,
    Caller,
    rules,
    sale,
    sandbox_in_process,
)
from starlette.routing import Route

import havn_ext.sandbox
from havn_ext.sandbox import SandboxConfig, conversion, spec
from havn_ext.sandbox.config import OPERATION_IDS
from havn_ext.sandbox.entries import VERDICTS
from havn_ext.sandbox.faults import Fault, FaultKind, FaultRule

if TYPE_CHECKING:
    from sandbox_support import StillClock

PACKAGE = Path(havn_ext.sandbox.__file__).parent
CONTRACT = json.loads((PACKAGE / "control.openapi.json").read_text("utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]


# ── the contract ─────────────────────────────────────────────────────────────────────────────────


def test_the_contract_is_openapi() -> None:
    """The document is valid OpenAPI 3.1."""
    OpenAPIV31SpecValidator(CONTRACT).validate()


def test_every_route_is_documented_and_every_document_has_its_route(havn: Caller) -> None:
    """Nothing under /_sandbox/ that programs use is missing here, or only promised."""
    assert havn.app is not None
    served = {
        (route.path, method)
        for route in havn.app.routes
        if isinstance(route, Route) and route.path.startswith("/_sandbox/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    documented = {(path, method.upper()) for path, item in CONTRACT["paths"].items() for method in item}
    assert served == documented


def test_the_contract_names_what_the_code_names() -> None:
    """Operations, verdicts, kinds of faults and currencies are the same lists."""
    fault = SCHEMAS["Fault"]["properties"]
    assert fault["operation"]["enum"] == [*OPERATION_IDS, None]
    assert {operation.operation_id for operation in spec.operations()} == set(OPERATION_IDS)
    assert tuple(fault["kind"]["enum"]) == get_args(FaultKind)
    assert tuple(SCHEMAS["Request"]["properties"]["verdict"]["enum"]) == VERDICTS
    currencies = SCHEMAS["NewRates"]["properties"]["rates"]["propertyNames"]["enum"]
    assert ["USD", *currencies] == list(conversion.DEFAULT_RATES)


def test_the_contract_is_served(havn: Caller) -> None:
    """Where the tools look for it."""
    assert havn.control("GET", "/openapi.json").json() == CONTRACT


@pytest.mark.parametrize(
    ("method", "path", "body", "params"),
    [
        ("POST", "/clock", {}, {}),
        ("POST", "/clock", {"freeze_at": "yesterday"}, {}),
        ("POST", "/clock", {"advance": "60"}, {}),
        ("POST", "/clock", {"advance": 60, "now": 1}, {}),
        ("POST", "/seed", {"seed": "lots"}, {}),
        ("PUT", "/rates", {"rates": {"EUR": 1.1}}, {}),
        ("PUT", "/rates", {"rates": {"EUR": "0.00"}}, {}),
        ("PUT", "/rates", {"rates": {"EUR": "-1"}}, {}),
        ("PUT", "/rates", {"rates": {"EUR": "1e3"}}, {}),
        ("PUT", "/rates", {"rates": {"USD": "2"}}, {}),
        ("PUT", "/rates", {"rates": {"XXX": "2"}}, {}),
        ("POST", "/faults", {"kind": "nonsense"}, {}),
        ("POST", "/faults", {"kind": "empty", "probability": 2}, {}),
        ("POST", "/faults", {"kind": "empty", "nth": 0}, {}),
        ("POST", "/faults", {"kind": "empty", "operation": "nothing"}, {}),
        ("POST", "/snapshots/..", None, {}),
        ("POST", "/snapshots/a.b", None, {}),
        ("GET", "/requests", None, {"limit": 0}),
        ("GET", "/requests", None, {"verdict": "nice"}),
        ("GET", "/requests", None, {"bogus": 1}),
        ("GET", "/requests/x", None, {}),
        ("GET", "/requests/wait", None, {"timeout": "soon"}),
        ("DELETE", "/faults/x", None, {}),
    ],
)
def test_what_the_contract_does_not_allow_is_refused(
    havn: Caller, method: str, path: str, body: object, params: dict[str, Any]
) -> None:
    """400 with HAVN's error body and its details; a path that leads elsewhere is a 404."""
    answer = havn.control(method, path, body, **params)
    assert answer.status_code == (404 if ".." in path else 400)
    assert set(answer.json()) == {"success", "error", "message", "details"}


# ── data ─────────────────────────────────────────────────────────────────────────────────────────


def vouchers(havn: Caller) -> int:
    """How many vouchers the company has."""
    total: int = havn.get().json()["pagination"]["total"]
    return total


def test_a_reset_is_a_first_start(havn: Caller, empty: Caller, clock: StillClock) -> None:
    """Every company's data, the log, the limits, the clock and the faults are as at the start."""
    empty.control("POST", "/seed", {"seed": "demo"}, company=empty.key)
    havn.post(TRANSACTION, sale())
    havn.control("POST", "/clock", {"advance": 3600})
    havn.control("POST", "/faults", {"kind": "status", "status": 500, "operation": "createLoginLink"})
    assert havn.control("POST", "/reset").status_code == 200
    assert havn.control("GET", "/requests").json()["requests"] == []
    assert havn.control("GET", "/clock").json()["now"] == f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"
    assert havn.control("GET", "/faults").json() == {"faults": []}
    first = havn.post(TRANSACTION, sale())
    assert (first.status_code, first.headers["X-RateLimit-Remaining"]) == (201, "599")
    assert first.json()["transaction"]["transaction_id"] == "txn_001"
    assert (vouchers(havn), vouchers(empty)) == (8, 0)


def test_a_reset_brings_configured_faults_back() -> None:
    """With their counts at nought."""
    rule = FaultRule(Fault("status", 500), nth=1)
    with sandbox_in_process(faults=[rule]) as havn:
        assert [havn.get().status_code for _ in range(2)] == [500, 200]
        havn.control("DELETE", "/faults")
        assert havn.get().status_code == 200
        havn.control("POST", "/reset")
        assert [havn.get().status_code for _ in range(2)] == [500, 200]


def test_one_companys_reset_leaves_the_others_alone(havn: Caller, empty: Caller) -> None:
    """Data, log, limits and faults of that company go, and nothing else."""
    for each in (havn, empty):
        each.post(TRANSACTION, sale())
        each.control("POST", "/faults", {"kind": "status", "status": 500, "nth": 9, "company": each.key})
    empty.control("POST", "/reset", company=empty.key)
    assert [each["company"] for each in havn.control("GET", "/requests").json()["requests"]] == ["havn****"]
    assert [each["company"] for each in havn.control("GET", "/faults").json()["faults"]] == [KEY]
    again = empty.post(TRANSACTION, sale())
    assert (again.status_code, again.headers["X-RateLimit-Remaining"]) == (201, "599")
    replay = havn.post(TRANSACTION, sale())
    assert (replay.status_code, replay.headers["X-RateLimit-Remaining"]) == (200, "598")


def test_the_default_company_is_reset_to_its_seed(havn: Caller) -> None:
    """As it was configured, with its secret."""
    havn.control("POST", "/seed", {"seed": "none"})
    assert vouchers(havn) == 0
    havn.control("POST", "/reset", company=KEY)
    assert vouchers(havn) == 8


def test_a_company_can_be_seeded(havn: Caller, empty: Caller) -> None:
    """It has the demo data, in place of whatever it had."""
    empty.post(USER_SYNC, {"email": "a@example.com", "name": "A"})
    empty.control("POST", "/seed", {"seed": "demo"}, company=empty.key)
    assert vouchers(empty) == 8
    assert empty.post(LOGIN, {"email": "a@example.com"}).status_code == 404
    assert vouchers(havn) == 8


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/reset", None),
        ("POST", "/seed", {"seed": "demo"}),
        ("GET", "/rates", None),
        ("PUT", "/rates", {"rates": {}}),
    ],
)
def test_an_unknown_company_is_not_found(havn: Caller, method: str, path: str, body: object) -> None:
    """A key that is neither configured nor begins with test_ is nobody's."""
    assert havn.control(method, path, body, company="nobody").status_code == 404


def test_a_snapshot_is_gone_back_to(havn: Caller, empty: Caller) -> None:
    """Everything that happened since is undone, for every company."""
    havn.post(TRANSACTION, sale())
    assert havn.control("POST", "/snapshots/before").status_code == 201
    havn.post(TRANSACTION, sale(payment_gateway_transaction_id="pay_2"))
    empty.post(TRANSACTION, sale())
    assert havn.control("POST", "/snapshots/before/load").status_code == 200
    assert havn.post(TRANSACTION, sale()).status_code == 200
    assert havn.post(TRANSACTION, sale(payment_gateway_transaction_id="pay_2")).status_code == 201
    assert empty.post(TRANSACTION, sale()).status_code == 201


def test_snapshots_are_listed_and_thrown_away(havn: Caller) -> None:
    """By name; one that is not there is not found."""
    for name in ("b", "a"):
        havn.control("POST", f"/snapshots/{name}")
    assert havn.control("GET", "/snapshots").json() == {"snapshots": ["a", "b"]}
    assert havn.control("DELETE", "/snapshots/a").status_code == 200
    assert havn.control("DELETE", "/snapshots/a").status_code == 404
    assert havn.control("POST", "/snapshots/a/load").status_code == 404
    assert havn.control("GET", "/snapshots").json() == {"snapshots": ["b"]}


def test_snapshots_outlive_the_process_beside_a_file(tmp_path: Path) -> None:
    """They are files next to the database; the configured secret holds after loading."""
    database = tmp_path / "box.db"
    with sandbox_in_process(database=database) as havn:
        havn.control("POST", "/snapshots/fresh")
        havn.post(TRANSACTION, sale())
    assert (tmp_path / "box.db.fresh.snapshot").exists()
    with sandbox_in_process(database=database, webhook_secret="other") as havn:
        havn.secret = "other"
        assert havn.control("GET", "/snapshots").json() == {"snapshots": ["fresh"]}
        assert havn.post(TRANSACTION, sale()).status_code == 200
        assert havn.control("POST", "/snapshots/fresh/load").status_code == 200
        assert havn.post(TRANSACTION, sale()).status_code == 201
        havn.control("DELETE", "/snapshots/fresh")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box.db"]


@pytest.mark.parametrize("content", [b"no database" * 100, b""])
def test_a_damaged_snapshot_is_told_and_changes_nothing(tmp_path: Path, content: bytes) -> None:
    """409, and the data is as it was."""
    with sandbox_in_process(database=tmp_path / "box.db") as havn:
        (tmp_path / "box.db.bad.snapshot").write_bytes(content)
        answer = havn.control("POST", "/snapshots/bad/load")
        assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
        assert vouchers(havn) == 8


def test_a_damaged_snapshot_can_be_saved_anew(tmp_path: Path) -> None:
    """Saving puts a whole new file in the old one's place, and leaves no other behind."""
    with sandbox_in_process(database=tmp_path / "box.db") as havn:
        (tmp_path / "box.db.bad.snapshot").write_bytes(b"no database" * 100)
        assert havn.control("POST", "/snapshots/bad").status_code == 201
        havn.control("POST", "/seed", {"seed": "none"})
        assert havn.control("POST", "/snapshots/bad/load").status_code == 200
        assert vouchers(havn) == 8
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box.db", "box.db.bad.snapshot"]


def test_a_snapshot_in_memory_can_be_saved_anew(havn: Caller) -> None:
    """The later one counts."""
    havn.control("POST", "/snapshots/a")
    havn.control("POST", "/seed", {"seed": "none"})
    havn.control("POST", "/snapshots/a")
    havn.control("POST", "/seed", {"seed": "demo"})
    havn.control("POST", "/snapshots/a/load")
    assert vouchers(havn) == 0


def test_no_snapshot_is_loaded_into_a_database_that_another_program_holds(tmp_path: Path) -> None:
    """409 after a while, instead of a sandbox that waits for ever and answers nobody."""
    with sandbox_in_process(database=tmp_path / "box.db") as havn:
        havn.control("POST", "/snapshots/a")
        assert havn.app is not None
        havn.app.state.store.connection.execute("PRAGMA busy_timeout = 1")
        with closing(sqlite3.connect(tmp_path / "box.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = havn.control("POST", "/snapshots/a/load")
        assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
        assert "locked" in answer.json()["message"]
        assert havn.control("POST", "/snapshots/a/load").status_code == 200


def test_rates_are_read_and_set(havn: Caller, empty: Caller) -> None:
    """A company's own table; what is not named stays, and commissions follow."""
    table = havn.control("PUT", "/rates", {"rates": {"EUR": "2", "IDR": "0.00007"}}).json()["rates"]
    assert table == havn.control("GET", "/rates").json()["rates"]
    assert table == {**conversion.DEFAULT_RATES, "EUR": "2", "IDR": "0.00007"}
    euros = sale(amount=1000, currency="EUR", server_side_conversion=True, referral_code=REFERRAL)
    assert havn.post(TRANSACTION, euros).json()["commissions"][0]["amount"] == 100
    assert havn.control("GET", "/rates", company=empty.key).json()["rates"] == dict(conversion.DEFAULT_RATES)


def test_looking_makes_no_company(havn: Caller) -> None:
    """Reading the rates of a company that nobody used leaves nothing behind."""
    havn.control("GET", "/rates", company="test_looked_at")
    assert havn.app is not None
    rows = havn.app.state.store.connection.execute("SELECT api_key FROM companies").fetchall()
    assert rows == [{"api_key": KEY}]


@pytest.mark.parametrize("rate", ["999999", "0.000000000001"])
def test_the_most_extreme_rates_break_nothing(havn: Caller, rate: str) -> None:
    """The largest amount can still be converted, recorded and shown."""
    havn.control("PUT", "/rates", {"rates": {"IDR": rate}})
    largest = sale(amount=10**9, currency="IDR", server_side_conversion=True, referral_code=REFERRAL)
    assert havn.post(TRANSACTION, largest).status_code == 201
    assert havn.get(VOUCHERS, {"display_currency": "IDR"}).status_code == 200
    assert havn.get(VOUCHERS, {"display_currency": "USD"}).status_code == 200


# ── requests ─────────────────────────────────────────────────────────────────────────────────────


def test_the_log_is_searched(havn: Caller, empty: Caller) -> None:
    """By company, operation, status, verdict, text and number, newest first."""
    havn.post(TRANSACTION, sale())
    empty.get(VOUCHERS, {"search": "summer"})
    havn.post(LOGIN, {"email": "nobody@example.com"})

    def ids(**wanted: object) -> list[int]:
        return [each["id"] for each in havn.control("GET", "/requests", **wanted).json()["requests"]]

    assert ids() == [3, 2, 1]
    assert ids(company=empty.key) == [2]
    assert ids(operation="createLoginLink") == [3]
    assert ids(status=201) == [1]
    assert ids(verdict="refused") == [3]
    assert ids(text="SUMMER") == [2]
    assert ids(since_id=1, limit=1) == [3]


def test_an_entry_that_is_not_there_is_not_found(havn: Caller) -> None:
    """It never was, or is no more."""
    havn.get()
    assert havn.control("GET", "/requests/2").status_code == 404
    assert havn.control("DELETE", "/requests").json() == {"success": True, "deleted": 1}
    assert havn.control("GET", "/requests/1").status_code == 404


def test_a_companys_requests_are_forgotten(havn: Caller, empty: Caller) -> None:
    """And only those."""
    havn.get()
    empty.get()
    assert havn.control("DELETE", "/requests", company=empty.key).json()["deleted"] == 1
    assert [each["id"] for each in havn.control("GET", "/requests").json()["requests"]] == [1]


def test_waiting_for_a_request_that_came(havn: Caller) -> None:
    """With `since_id` nothing is missed between two calls."""
    havn.get()
    havn.post(LOGIN, {"email": "owner@example.com"})
    answer = havn.control("GET", "/requests/wait", since_id=0, operation="createLoginLink")
    assert (answer.status_code, answer.json()["id"]) == (200, 2)


def test_waiting_for_a_request_that_comes(havn: Caller) -> None:
    """The wait ends with it, and not with one that does not match."""
    assert havn.app is not None
    transport = httpx.ASGITransport(havn.app)
    log = havn.app.state.box.log

    async def wait_and_call() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
            waiting = asyncio.create_task(client.get("/_sandbox/requests/wait", params={"text": "wanted"}))
            while not log._readers:  # noqa: ASYNC110  a request in process tells nobody that it waits
                await asyncio.sleep(0)
            for path in ("/other", "/wanted"):
                await client.get(path)
            return await waiting

    answer = asyncio.run(wait_and_call())
    assert (answer.status_code, answer.json()["path"]) == (200, "/wanted")


def test_waiting_in_vain_is_told(havn: Caller) -> None:
    """408, and how long it was."""
    answer = havn.control("GET", "/requests/wait", timeout="0.01")
    assert (answer.status_code, answer.json()["error"]) == (408, "timed_out")
    assert answer.json()["message"] == "No request matched within 0.01 s"


# ── clock ────────────────────────────────────────────────────────────────────────────────────────


def test_vouchers_follow_the_clock(havn: Caller) -> None:
    """In 2020 the expired voucher was good, and the clock says that it stands."""
    expired = {"voucher_code": "HAVN-AQNEO-S08-EXPIRED"}
    assert havn.post(VALIDATE, expired).status_code == 400
    clock = havn.control("POST", "/clock", {"freeze_at": "2020-12-31T23:59:58+00:00", "advance": 1}).json()
    assert clock == {"now": "2020-12-31T23:59:59Z", "frozen": True}
    assert havn.post(VALIDATE, expired).status_code == 200
    havn.control("POST", "/clock", {"advance": 1})
    assert havn.post(VALIDATE, expired).status_code == 400


def test_rate_limits_follow_the_clock(havn: Caller) -> None:
    """A minute that is skipped gives twenty logins more."""
    statuses = [havn.post(LOGIN, {"email": "owner@example.com"}).status_code for _ in range(21)]
    assert statuses[-1] == 429
    havn.control("POST", "/clock", {"advance": 60})
    assert havn.post(LOGIN, {"email": "owner@example.com"}).status_code == 200
    assert havn.control("DELETE", "/clock").json()["frozen"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"freeze_at": "1969-12-31T23:59:59Z"},
        {"freeze_at": "2016-12-31T23:59:60Z"},
        {"freeze_at": "8999-12-31T23:59:59Z", "advance": 1},
        {"advance": -2e9},
        {"advance": -1e11},
    ],
)
def test_an_impossible_time_is_refused(havn: Caller, body: dict[str, object]) -> None:
    """Before 1970, after 8999 and leap seconds cannot be lived in; the clock stays as it was."""
    before = havn.control("GET", "/clock").json()
    assert havn.control("POST", "/clock", body).status_code == 400
    assert havn.control("GET", "/clock").json() == before


# ── faults ───────────────────────────────────────────────────────────────────────────────────────


def test_faults_are_added_listed_and_lifted(havn: Caller) -> None:
    """Each has a number and counts what it did."""
    added = havn.control("POST", "/faults", {"kind": "status", "status": 503, "nth": 2, "company": KEY})
    assert (added.status_code, added.json()["id"]) == (201, 1)
    assert [havn.get().status_code for _ in range(3)] == [200, 503, 200]
    (listed,) = havn.control("GET", "/faults").json()["faults"]
    assert (listed["matched"], listed["struck"], listed["status"]) == (3, 1, 503)
    assert havn.control("DELETE", "/faults/1").status_code == 200
    assert havn.control("DELETE", "/faults/1").status_code == 404


def test_a_companys_faults_are_lifted(havn: Caller, empty: Caller) -> None:
    """Without a company all are."""
    for company in (havn.key, empty.key, None):
        havn.control("POST", "/faults", {"kind": "html", "company": company})
    assert havn.control("DELETE", "/faults", company=empty.key).json()["deleted"] == 1
    assert havn.control("DELETE", "/faults").json()["deleted"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "status"},
        {"kind": "empty", "status": 500},
        {"kind": "status", "status": 418},
        {"kind": "status", "status": 409, "operation": "createLoginLink"},
    ],
)
def test_a_fault_that_cannot_happen_is_a_conflict(havn: Caller, body: dict[str, object]) -> None:
    """Its form is right, but no operation could have it."""
    answer = havn.control("POST", "/faults", body)
    assert answer.status_code == 409
    assert rules(answer) == [("/status", "fault")]


@given(
    st.dictionaries(st.sampled_from(["kind", "status", "delay", "nth", "x"]), st.integers() | st.text(max_size=9))
)
def test_no_body_breaks_the_control_api(body: dict[str, object]) -> None:
    """Whatever is sent, the answer is one that the contract knows."""
    with sandbox_in_process(seed="none") as havn:
        assert havn.control("POST", "/faults", body).status_code in {201, 400, 409}


def test_the_defaults_of_a_sandbox() -> None:
    """Twenty logins, no faults, no further hosts, a log of 1000 entries and 16 MiB."""
    config = SandboxConfig()
    assert dict(config.requests_per_minute) == {"createLoginLink": 20}
    assert (list(config.faults), list(config.allowed_hosts)) == ([], [])
    assert (config.log_entries, config.log_bytes) == (1000, 16 * 1024 * 1024)
