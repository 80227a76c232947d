"""`havn doctor`, against the sandbox and against what is no HAVN."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cli_support import serving

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from cli_support import Said, Typing

    from havn_ext.testing import SandboxCompany


def found(said: Said) -> dict[str, dict[str, Any]]:
    """The checks of a document by their names."""
    return {check["name"]: check for check in said.document["checks"]}


def test_all_is_well(havn: Typing, company: SandboxCompany) -> None:
    """Everything is looked at, in test mode, with one call that changes nothing."""
    said = havn("doctor")
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("All is well.\n")
    names = list(found(havn("doctor", "--json")))
    assert names == [
        "versions",
        "API key",
        "webhook secret",
        "base URL",
        "DNS",
        "connection",
        "TLS",
        "signed call",
        "clock",
        "rate limit",
    ]
    calls = company.requests()
    assert {call["operation"] for call in calls} == {"listVouchers"}
    headers = dict(company.request(calls[0]["id"])["request"]["headers"])
    assert {name.lower(): value for name, value in headers.items()}["x-test-mode"] == "true"


def test_a_wrong_key_and_a_wrong_secret_are_told_apart(havn: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same 401 has two causes, and each its own advice."""
    with monkeypatch.context() as changed:
        changed.setenv("HAVN_WEBHOOK_SECRET", "another_secret")
        said = havn("doctor", "--json")
        check = found(said)["signed call"]
        assert (said.code, check["state"]) == (1, "failed")
        assert "the key is known, the signature is wrong" in check["finding"]
        assert "HAVN_WEBHOOK_SECRET" in check["advice"]
    monkeypatch.setenv("HAVN_API_KEY", "nobody_has_this_key")
    check = found(havn("doctor", "--json"))["signed call"]
    assert "the key is unknown" in check["finding"]
    assert "HAVN_API_KEY" in check["advice"]


def test_the_key_in_place_of_the_secret_is_seen(
    havn: Typing, company: SandboxCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key and secret that are the same are told even before the call."""
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", company.api_key)
    assert found(havn("doctor", "--json"))["key and secret"]["state"] == "failed"


@pytest.mark.parametrize("body", [b'{"success": false, "error": "unauthorized", "message": "No"}', b"no"])
def test_an_answer_that_tells_nothing_is_said_to_tell_nothing(havn: Typing, body: bytes) -> None:
    """Where HAVN refuses both in the same words, both are named."""
    with serving(status=401, body=body) as url:
        check = found(havn("doctor", "--json", "--base-url", url))["signed call"]
    assert "HAVN does not tell which" in check["advice"]
    assert "HAVN_API_KEY" in check["advice"]
    assert "HAVN_WEBHOOK_SECRET" in check["advice"]


@pytest.mark.parametrize(
    ("key", "state", "word"),
    [
        ("", "failed", "is missing"),
        ("havn key", "failed", "white space"),
        ("havn_key\n", "failed", "white space"),
        ("'havn_test_key'", "failed", "quotation marks"),
        ("your_api_key_here", "failed", "placeholder"),
        ("q7_Q7", "warning", "5 characters"),
        ("a7" * 150, "warning", "300 characters"),
        ("havn_key_é", "failed", "ASCII"),
    ],
)
def test_a_key_that_can_not_be_right_is_told(
    havn: Typing, monkeypatch: pytest.MonkeyPatch, key: str, state: str, word: str
) -> None:
    """White space, quotation marks, placeholders and odd lengths, each with what to do; never the key itself."""
    monkeypatch.setenv("HAVN_API_KEY", key)
    said = havn("doctor", "--json")
    check = found(said)["API key"]
    assert (check["state"], word in check["finding"], bool(check["advice"])) == (state, True, True)
    assert not key.strip("'\n") or key.strip("'\n") not in said.out


@pytest.mark.parametrize(
    ("url", "state", "word"),
    [
        ("havn.example", "failed", "must be an address"),
        ("https://api..havn.example", "failed", "must be an address"),
        (f"https://{'a' * 64}.example", "failed", "must be an address"),
        ("https://havn.example:99999", "failed", "a port from 1 to 65535"),
        ("http://127.0.0.1:1/api/v1/webhook", "failed", "the path of the API"),
    ],
)
def test_a_base_url_that_can_not_be_right_is_told(havn: Typing, url: str, state: str, word: str) -> None:
    """Nothing is called there."""
    said = havn("doctor", "--json", "--base-url", url)
    assert (found(said)["base URL"]["state"], word in found(said)["base URL"]["finding"]) == (state, True)
    assert list(found(said))[-1] == "base URL"


def test_a_host_without_a_name_is_told(havn: Typing) -> None:
    """A name that nobody knows ends the way there, with exit code 3."""
    said = havn("doctor", "--json", "--base-url", "https://nowhere.invalid")
    assert (said.code, found(said)["DNS"]["state"]) == (3, "failed")
    assert found(said)["signed call"]["state"] == "skipped"


def test_a_port_that_nobody_listens_on_is_told(havn: Typing) -> None:
    """So does a connection that is refused."""
    said = havn("doctor", "--json", "--base-url", "http://127.0.0.1:1")
    assert (said.code, found(said)["connection"]["state"]) == (3, "failed")


def test_a_server_without_tls_is_told(havn: Typing, company: SandboxCompany) -> None:
    """`https://` where only HTTP is spoken."""
    said = havn("doctor", "--json", "--base-url", company.url.replace("http:", "https:"))
    assert (said.code, found(said)["TLS"]["state"]) == (3, "failed")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_certificate_is_looked_at(havn: Typing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nobody trusts fails; one that is trusted and soon over is a warning."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3 -subj /CN=127.0.0.1"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {tmp_path}/key.pem -out {tmp_path}/certificate.pem"
    )
    subprocess.run(command.split(), check=True, capture_output=True)  # noqa: S603  our own arguments
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with serving(context=context) as url:
        check = found(havn("doctor", "--json", "--base-url", url))["TLS"]
        assert (check["state"], "not trusted" in check["finding"]) == ("failed", True)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        check = found(havn("doctor", "--json", "--base-url", url))["TLS"]
        assert (check["state"], "good for 3 days" in check["finding"]) == ("warning", True)


def test_a_clock_that_is_off_is_told(havn: Typing) -> None:
    """The header `Date` tells HAVN's time; being an hour off is a warning, in the right direction."""
    with serving(date="Thu, 01 Jan 2015 00:00:00 GMT") as url:
        check = found(havn("doctor", "--json", "--base-url", url))["clock"]
    assert (check["state"], "ahead of HAVN's" in check["finding"]) == ("warning", True)


def test_a_server_that_is_no_havn_is_told(havn: Typing) -> None:
    """A page in place of JSON: the address is doubted, not the credentials."""
    with serving(body=b"<html>") as url:
        check = found(havn("doctor", "--json", "--base-url", url))["signed call"]
    assert (check["state"], "HAVN_BASE_URL" in check["advice"]) == ("failed", True)


@pytest.mark.parametrize(
    ("status", "state", "word"), [(503, "failed", "in trouble"), (429, "warning", "try again")]
)
def test_a_havn_that_is_busy_is_told(
    havn: Typing, company: SandboxCompany, status: int, state: str, word: str
) -> None:
    """What HAVN's state is to blame for is not blamed on the settings."""
    company.add_fault("status", status=status)
    check = found(havn("doctor", "--json"))["signed call"]
    assert (check["state"], word in check["advice"]) == (state, True)


def test_a_lost_answer_is_the_network(havn: Typing, company: SandboxCompany) -> None:
    """A call that is cut off fails with exit code 3."""
    company.add_fault("reset_before")
    said = havn("doctor", "--json")
    assert (said.code, found(said)["signed call"]["unreachable"]) == (3, True)


def test_a_proxy_is_named(havn: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where calls go through a proxy, this machine's DNS and TLS tell nothing; its password is not shown."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", "http://user:password@127.0.0.1:1")
    said = havn("doctor", "--json", "--base-url", "http://havn.example")
    assert "the proxy 127.0.0.1:1" in found(said)["DNS and TLS"]["finding"]
    assert "password" not in said.out
    assert found(said)["base URL"]["state"] == "warning"


@pytest.mark.parametrize("proxy", ["http://user:pass/word@127.0.0.1:1", "http://[", "http://"])
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_that_is_none_is_told(
    havn: Typing, monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    """An address that can't be read is named by its variable, without what may be its password."""
    monkeypatch.setenv(variable, proxy)
    said = havn("doctor", "--json", "--base-url", "http://havn.example")
    check = found(said)["DNS and TLS"]
    assert (said.code, check["state"], variable in check["finding"]) == (1, "failed", True)
    assert "word" not in said.out.replace("password", "")
    assert found(said)["signed call"]["state"] == "skipped"


@pytest.mark.parametrize("reset", ["9" * 18, "9" * 5000, "soon", "1700000000"])
def test_a_rate_limit_without_a_moment_is_one(havn: Typing, reset: str) -> None:
    """Where a window that has no end on any calendar is announced, calls are counted all the same."""
    headers = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "599", "X-RateLimit-Reset": reset}
    with serving(headers=headers) as url:
        check = found(havn("doctor", "--json", "--base-url", url))["rate limit"]
    assert (check["state"], "until" in check["finding"]) == ("ok", reset.startswith("17"))
    assert "599 of 600 calls" in check["finding"]


def test_numbers_that_are_none_tell_nothing(havn: Typing) -> None:
    """Nor do counts of thousands of digits end the command, or a date before all dates."""
    headers = {"X-RateLimit-Limit": "9" * 5000, "X-RateLimit-Remaining": "1"}
    with serving(headers=headers, date="Mon, 01 Jan 0001 00:00:00 -0000") as url:
        check = found(havn("doctor", "--json", "--base-url", url))["rate limit"]
    assert check["state"] == "skipped"


@pytest.mark.parametrize(
    ("options", "variable", "seconds"),
    [((), "", 30), (("--timeout", "7"), "9", 7), ((), "9", 9)],
)
def test_the_call_takes_the_timeout_of_all_calls(
    havn: Typing, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], variable: str, seconds: int
) -> None:
    """`--timeout`, else HAVN_TIMEOUT, else 30 seconds, as its help says."""
    waits: list[object] = []

    def answer(request: httpx.Request) -> httpx.Response:
        waits.append(request.extensions["timeout"]["read"])
        return httpx.Response(503)

    monkeypatch.setattr(
        "havn_ext.cli.probe.make_client", lambda: httpx.Client(transport=httpx.MockTransport(answer))
    )
    monkeypatch.setenv("HAVN_TIMEOUT", variable)
    havn("doctor", *options)
    assert waits == [pytest.approx(seconds, abs=0.5)]


@pytest.mark.parametrize(
    "said", ["The key {key} is not valid", "Refused {key} at {moment}", "No. Request {id}, and {moment} more"]
)
def test_an_answer_that_repeats_the_key_tells_nothing(
    havn: Typing, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Words that differ by the key itself, the request or the moment alone are the same words."""
    moments = iter(range(1000, 9000))
    monkeypatch.setenv("HAVN_API_KEY", "nobody-has-such-a-key")

    def answer(headers: Message) -> bytes:
        moment = next(moments)
        text = said.format(key=headers["X-API-Key"], moment=moment, id=f"req_{moment:x}")
        return json.dumps({"success": False, "error": "unauthorized", "message": text}).encode()

    with serving(status=401, body=answer) as url:
        check = found(havn("doctor", "--json", "--base-url", url))["signed call"]
    assert "the key is known" not in check["finding"]
    assert "nobody-has-such-a-key" not in str(check)


def test_another_kind_of_refusal_tells_the_key_is_known(havn: Typing) -> None:
    """HAVN's word for the kind of a fault counts, whatever its message."""

    def answer(headers: Message) -> bytes:
        kind = "invalid_key" if "doctor" in headers["X-API-Key"] else "invalid_signature"
        return json.dumps({"success": False, "error": kind, "message": "No"}).encode()

    with serving(status=401, body=answer) as url:
        check = found(havn("doctor", "--json", "--base-url", url))["signed call"]
    assert "the key is known, the signature is wrong" in check["finding"]


def test_a_wrong_setting_is_told(havn: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables besides the credentials are checked as well."""
    monkeypatch.setenv("HAVN_TIMEOUT", "soon")
    said = havn("doctor", "--json")
    assert (said.code, found(said)["timeout"]["state"]) == (1, "failed")
