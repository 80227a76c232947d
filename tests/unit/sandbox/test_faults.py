from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_support import LOGIN, TRANSACTION, VOUCHERS, Caller, sale, sandbox_in_process

from havn_ext.sandbox import fault_files, spec
from havn_ext.sandbox.faults import Fault, FaultError, FaultKind, FaultPlan, FaultRule

if TYPE_CHECKING:
    from pathlib import Path

KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
OPERATION = spec.operation("sendTransaction")

seconds = st.integers(0, 9999_000_000).map(lambda micros: micros / 1_000_000)
settings = st.fixed_dictionaries(
    {}, optional={"delay": seconds, "duration": seconds, "retry_after": st.integers(0, 9999)}
)
faults = st.builds(
    lambda kind, status, others: Fault(kind, status if kind == "status" else None, **others),
    st.sampled_from(KINDS),
    st.integers(400, 599),
    settings,
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reset_after", Fault("reset_after")),
        ("status=503; delay=0.2", Fault("status", 503, delay=0.2)),
        (" status = 503;retry_after=7 ", Fault("status", 503, retry_after=7)),
        ("delay=2", Fault("delay", delay=2)),
        ("slow_drip; duration=1.5", Fault("slow_drip", duration=1.5)),
    ],
)
def test_a_header_names_a_fault(text: str, fault: Fault) -> None:
    """The kind comes by its name, or follows from a status or a delay."""
    assert Fault.from_header(text) == fault


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "status", "status=x", "delay=-1", "delay=nan", "empty; status=500", "empty; html", "a=b"],
)
def test_anything_else_is_no_fault(text: str) -> None:
    """A header that cannot be read is refused, not passed over."""
    with pytest.raises(FaultError):
        Fault.from_header(text)


@given(faults)
def test_a_fault_is_written_as_its_header(fault: Fault) -> None:
    """What the log shows can be sent as a header."""
    assert Fault.from_header(str(fault)) == fault


@given(
    st.none() | st.integers(1, 8),
    st.none() | st.integers(1, 8),
    st.integers(1, 20),
)
def test_a_schedule_strikes_from_the_nth_call_on_so_many_times(
    nth: int | None, times: int | None, calls: int
) -> None:
    """Without `nth` from the first; without `times` once if `nth` is given, else for ever."""
    plan = FaultPlan([OPERATION], [FaultRule(Fault("empty"), nth=nth, times=times)])
    struck = [number for number in range(1, calls + 1) if plan.strike(OPERATION, "test_a")]
    first = nth or 1
    last = first + times if times else calls + 1 if nth is None else first + 1
    assert struck == [number for number in range(first, last) if number <= calls]
    (planned,) = plan.all()
    assert (planned.matched, planned.struck) == (calls, len(struck))


@given(st.floats(0, 1), st.integers(0, 100))
def test_the_same_seed_strikes_the_same_calls(probability: float, seed: int) -> None:
    """Chance can be repeated, and a reset repeats it; 0 never strikes, 1 always."""
    plan = FaultPlan([OPERATION], [FaultRule(Fault("empty"), probability=probability, seed=seed)])
    first = [plan.strike(OPERATION, None) is not None for _ in range(30)]
    plan.restart()
    assert first == [plan.strike(OPERATION, None) is not None for _ in range(30)]
    assert probability > 0 or not any(first)
    assert probability < 1 or all(first)


def test_a_rule_is_for_its_company_and_operation() -> None:
    """Other calls do not even count; a status strikes only operations that have it."""
    login = spec.operation("createLoginLink")
    conflict = FaultRule(Fault("status", 409))
    mine = FaultRule(Fault("empty"), operation="createLoginLink", company="test_a")
    plan = FaultPlan(spec.operations(), [conflict, mine])
    assert plan.strike(login, "test_b") is None
    assert plan.strike(login, "test_a") == mine.fault
    assert plan.strike(OPERATION, "test_a") == conflict.fault
    assert [planned.matched for planned in plan.all()] == [1, 1]


def test_the_first_rule_that_is_due_strikes() -> None:
    """Rules keep the order in which they were added, and all count."""
    plan = FaultPlan([OPERATION], [FaultRule(Fault("html"), nth=2), FaultRule(Fault("empty"))])
    assert [fault and fault.kind for fault in (plan.strike(OPERATION, None) for _ in range(3))] == [
        "empty",
        "html",
        "empty",
    ]
    assert [planned.matched for planned in plan.all()] == [3, 3]


@pytest.mark.parametrize("rule", [FaultRule(Fault("status", 418)), FaultRule(Fault("html"), operation="nothing")])
def test_a_fault_that_cannot_happen_is_refused(rule: FaultRule) -> None:
    """No operation has it."""
    with pytest.raises(FaultError):
        FaultPlan(spec.operations(), [rule])


@pytest.mark.parametrize(("kind", "status"), [("nothing", None), ("status", None), ("empty", 500)])
def test_a_fault_that_makes_no_sense_is_refused(kind: Any, status: int | None) -> None:
    """Its kind exists, and a status belongs to the kind `status`."""
    with pytest.raises(FaultError):
        Fault(kind, status)


# ── in process ───────────────────────────────────────────────────────────────────────────────────


def processed(havn: Caller) -> bool:
    """Whether the usual sale was recorded: then it is a replay now."""
    return havn.post(TRANSACTION, sale()).status_code == 200


def test_a_status_comes_with_the_contracts_error(havn: Caller) -> None:
    """It is answered without processing, and a 429 says when to come again and that nothing is left."""
    answer = havn.post(TRANSACTION, sale(), x_sandbox_fault="status=429; retry_after=3")
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert (answer.headers["Retry-After"], answer.headers["X-RateLimit-Remaining"]) == ("3", "0")
    assert not processed(havn)
    server = havn.post(TRANSACTION, sale(), x_sandbox_fault="status=504")
    assert (server.status_code, server.json()["error"]) == (504, "server_error")
    assert "Retry-After" not in server.headers
    assert havn.get(x_sandbox_fault="status=503").headers["Retry-After"] == "1"


def test_a_proxys_page_is_no_json(havn: Caller) -> None:
    """HTML with 502, and nothing happened."""
    answer = havn.post(TRANSACTION, sale(), x_sandbox_fault="html")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert "<html>" in answer.text
    assert not processed(havn)


@pytest.mark.parametrize(
    ("fault", "error", "happened"),
    [
        ("reset_before", httpx.ReadError, False),
        ("reset_after", httpx.ReadError, True),
        ("truncated", httpx.RemoteProtocolError, True),
    ],
)
def test_a_cut_raises_what_httpx_raises(
    havn: Caller, fault: str, error: type[httpx.TransportError], happened: bool
) -> None:
    """In process there is no connection; the caller sees the error of a cut one."""
    with pytest.raises(error, match="on purpose"):
        havn.post(TRANSACTION, sale(), x_sandbox_fault=fault)
    entry = havn.logged()
    assert (entry["verdict"], entry["fault"]) == ("fault", fault)
    assert (entry["status"] == 201) == happened
    assert processed(havn) == happened


def test_a_lost_answer_is_in_the_log(havn: Caller) -> None:
    """What the caller should have got can be looked up."""
    with pytest.raises(httpx.ReadError):
        havn.post(TRANSACTION, sale(), x_sandbox_fault="reset_after")
    lost = havn.logged()["answer"]["body"]["text"]
    assert json.loads(lost) == havn.post(TRANSACTION, sale()).json()


@pytest.mark.parametrize("fault", ["empty", "wrong_content_type", "slow_drip; duration=0", "delay=0.001"])
def test_a_spoilt_answer_is_of_a_call_that_happened(havn: Caller, fault: str) -> None:
    """The status is that of the call, which is committed."""
    answer = havn.post(TRANSACTION, sale(), x_sandbox_fault=fault)
    assert answer.status_code == 201
    assert answer.headers["X-RateLimit-Limit"] == "600"
    assert (answer.content == b"") == (fault == "empty")
    assert answer.headers.get("Content-Type", "").startswith("text/plain") == (fault == "wrong_content_type")
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert processed(havn)


@pytest.mark.parametrize("fault", ["nonsense", "status=409", "status=200"])
def test_a_header_that_asks_for_the_impossible_is_refused(havn: Caller, fault: str) -> None:
    """The operation never answers so, or there is no such fault: 400, and it is the header's fault."""
    answer = havn.get(x_sandbox_fault=fault)
    assert answer.status_code == 400
    assert answer.json()["details"][0]["path"] == "/X-Sandbox-Fault"


def test_configured_faults_strike_from_the_start() -> None:
    """A sandbox can begin broken."""
    rule = FaultRule(Fault("status", 500), operation="listVouchers", nth=2)
    with sandbox_in_process(faults=[rule]) as havn:
        assert [havn.get().status_code for _ in range(3)] == [200, 500, 200]


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_holds_what_the_control_api_takes(tmp_path: Path) -> None:
    """A JSON list; null means absent."""
    path = tmp_path / "faults.json"
    entries = [{"kind": "status", "status": 503, "nth": 2, "company": None}, {"kind": "empty", "probability": 0.5}]
    path.write_text(json.dumps(entries))
    assert fault_files.read(path) == [
        FaultRule(Fault("status", 503), nth=2),
        FaultRule(Fault("empty"), probability=0.5),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "cannot read"),
        ("{}", "no JSON list"),
        ('[{"kind": "empty"}, {"kind": "x"}]', "fault 2 in .*: /kind"),
        ('[{"kind": "empty", "often": 1}]', "/often The field is not known"),
        ('[{"kind": "status"}]', "fault 1 in .*: a status belongs"),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path: Path, content: str, complaint: str) -> None:
    """Which entry, which field, and what is wrong."""
    path = tmp_path / "faults.json"
    path.write_text(content)
    with pytest.raises(FaultError, match=complaint):
        fault_files.read(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """As any that cannot be read."""
    with pytest.raises(FaultError, match="cannot read the faults in"):
        fault_files.read(tmp_path / "none.json")


def test_every_operation_can_be_struck(havn: Caller) -> None:
    """A planned fault without an operation is for all."""
    havn.control("POST", "/faults", {"kind": "html"})
    assert {havn.get(VOUCHERS).status_code, havn.post(LOGIN, {}).status_code} == {502}
