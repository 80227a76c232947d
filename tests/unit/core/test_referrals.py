from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from havn_ext import HAVNValidationError, ReferralLink, ReferralVisit
from havn_ext.referrals import REFERRAL_DAYS, kept_for

CODE = "HAVN-MJ-001"
VOUCHER = "HAVN-AQNEO-S08-ABC123"
BOTH = ReferralLink(referral_code=CODE, voucher_code=VOUCHER)


def errors_of(source: Any) -> dict[str, str]:
    """What is wrong with a link."""
    with pytest.raises(HAVNValidationError) as caught:
        ReferralLink.parse(source)
    return caught.value.errors


@pytest.mark.parametrize(
    "source",
    [
        f"https://shop.example/login?ref={CODE}&vc={VOUCHER}",
        f"https://shop.example/login?next=%2Fcart&vc={VOUCHER}&ref={CODE}#top",
        f"?ref={CODE}&vc={VOUCHER}",
        f"ref={CODE}&vc={VOUCHER}",
        f"ref=+havn-mj-001+&vc=%20{VOUCHER}",
        {"ref": CODE, "vc": VOUCHER, "utm_source": "x"},
    ],
)
def test_a_link_is_read_from_what_carries_it(source: Any) -> None:
    """Addresses, queries and mappings all give both codes, trimmed, the referral code in upper case."""
    assert ReferralLink.parse(source) == BOTH
    assert ReferralLink.find(source) == BOTH


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"?ref={CODE}", ReferralLink(referral_code=CODE)),
        (f"?ref=&vc={VOUCHER}", ReferralLink(voucher_code=VOUCHER)),
        (f"?ref={CODE}&ref=HAVN-SE-002", ReferralLink(referral_code=CODE)),
        ("?vc=summer_10.5", ReferralLink(voucher_code="summer_10.5")),
    ],
)
def test_either_code_may_be_absent(source: str, expected: ReferralLink) -> None:
    """One code is a link too; an empty one counts as absent, the first of several counts."""
    assert ReferralLink.parse(source) == expected


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("?ref=ab", ["referral_code"]),
        (f"?ref={'A' * 51}", ["referral_code"]),
        ("?ref=HAVN MJ 001", ["referral_code"]),
        ("?ref=<script>", ["referral_code"]),
        ("?ref=-ABC", ["referral_code"]),
        ("?ref=HÄVN-MJ-001", ["referral_code"]),
        ("?ref=HAVN-MJ-001%0d%0aSet-Cookie:x", ["referral_code"]),
        (f"?ref={CODE}&vc={'A' * 101}", ["voucher_code"]),
        ("?ref=ab&vc=a;b", ["referral_code", "voucher_code"]),
        ({"ref": [CODE]}, ["referral_code"]),
        ({"vc": 7}, ["voucher_code"]),
        ("", ["referral_code"]),
        ("https://shop.example/login", ["referral_code"]),
        ("?ref=%20&vc=", ["referral_code"]),
        (None, ["source"]),
        ([CODE], ["source"]),
    ],
)
def test_a_malformed_link_is_refused_with_every_fault(source: Any, named: list[str]) -> None:
    """Each code that is malformed is named, without its value; so is a link without any."""
    errors = errors_of(source)
    assert sorted(errors) == named
    assert "script" not in str(errors)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"?ref=ab&vc={VOUCHER}", ReferralLink(voucher_code=VOUCHER)),
        (f"?ref={CODE}&vc=a;b", ReferralLink(referral_code=CODE)),
        (f"?ref={CODE}&vc=", ReferralLink(referral_code=CODE)),
        ({"ref": [CODE], "vc": VOUCHER}, ReferralLink(voucher_code=VOUCHER)),
        ("?ref=ab&vc=a;b", None),
        ("?ref=&vc=", None),
        ("", None),
        ("?page=2", None),
    ],
)
def test_of_a_visitors_link_the_good_part_is_taken(source: Any, expected: ReferralLink | None) -> None:
    """`find` raises nothing, and loses no code that is well-formed."""
    assert ReferralLink.find(source) == expected


def test_a_link_to_pass_on_keeps_the_rest_of_the_address() -> None:
    """`address` puts its codes in place of others', and leaves everything else as it is."""
    page = "https://shop.example/login?tag=a&ref=HAVN-SE-002&next=%2Fcart&vc=OLD&tag=#top"
    address = ReferralLink(referral_code=CODE).address(page)
    assert address == f"https://shop.example/login?tag=a&next=%2Fcart&tag=&ref={CODE}#top"
    assert BOTH.address("https://shop.example/login") == f"https://shop.example/login?ref={CODE}&vc={VOUCHER}"
    assert parse_qs(str(BOTH)) == {"ref": [CODE], "vc": [VOUCHER]}


# ── a visit ──────────────────────────────────────────────────────────────────────────────────────────


def user(**codes: Any) -> Any:
    """A user of a shop."""
    return SimpleNamespace(**{"referral_code": None, "voucher_code": None, **codes})


@pytest.mark.parametrize(
    ("query", "cookie", "link", "after"),
    [
        ("", None, None, None),
        ("page=2", None, None, None),
        (str(BOTH), None, BOTH, str(BOTH)),
        (str(BOTH), str(BOTH), BOTH, None),
        ("", str(BOTH), BOTH, None),
        ("ref=HAVN-SE-002", str(BOTH), ReferralLink(referral_code="HAVN-SE-002"), "ref=HAVN-SE-002"),
        ("ref=%00", str(BOTH), BOTH, None),
        ("", "nonsense", None, ""),
        ("", "", None, None),
    ],
)
def test_the_newest_link_is_kept(
    query: str, cookie: str | None, link: ReferralLink | None, after: str | None
) -> None:
    """A good link replaces what is kept, whole; what is no link changes nothing, and a spoilt cookie goes."""
    visit = ReferralVisit(query, cookie)
    assert visit.link == link
    assert visit.cookie_after() == after


def test_a_link_is_attached_once_and_forgotten() -> None:
    """The user gets both codes; the browser forgets them, for its next user is somebody else."""
    visit, customer = ReferralVisit("", str(BOTH)), user()
    assert visit.attach(customer)
    assert (customer.referral_code, customer.voucher_code) == (CODE, VOUCHER)
    assert (visit.link, visit.cookie_after()) == (None, "")
    assert not visit.attach(user())


@pytest.mark.parametrize("codes", [{"referral_code": "HAVN-SE-002"}, {"voucher_code": "OLD"}])
def test_a_user_with_a_code_keeps_it(codes: dict[str, str]) -> None:
    """Neither code of a user who has one is changed by another link, and that link is over."""
    visit, customer = ReferralVisit(str(BOTH)), user(**codes)
    assert not visit.attach(customer)
    assert customer == user(**codes)
    assert visit.link is None


def test_other_names_of_attributes() -> None:
    """A user's attributes may have other names; what the link has not stays as it is."""
    customer = SimpleNamespace(upline="", coupon="")
    assert ReferralVisit(f"?ref={CODE}").attach(customer, referral_code="upline", voucher_code="coupon")
    assert (customer.upline, customer.coupon) == (CODE, "")


def test_a_user_without_the_attributes_is_an_error() -> None:
    """A code that would be stored nowhere is not written, and the browser keeps it."""
    visit = ReferralVisit("", str(BOTH))
    with pytest.raises(AttributeError, match="referral_code"):
        visit.attach(SimpleNamespace())
    assert visit.link == BOTH


@pytest.mark.parametrize(
    ("status", "after"),
    [(200, ""), (302, ""), (399, ""), (400, None), (404, None), (422, None), (500, None), (503, None)],
)
def test_a_failed_request_takes_no_link_away(status: int, after: str | None) -> None:
    """After an error what was attached was not stored, or may be rolled back, so the browser keeps the link."""
    visit = ReferralVisit("", str(BOTH))
    visit.attach(user())
    assert visit.cookie_after(status) == after


@pytest.mark.parametrize("cookie", [None, "ref=HAVN-SE-002"])
def test_a_failed_request_keeps_the_link_that_it_came_with(cookie: str | None) -> None:
    """A link in the address of a request that fails is kept as any other, in place of an older one."""
    visit = ReferralVisit(str(BOTH), cookie)
    visit.attach(user())
    assert visit.cookie_after(422) == str(BOTH)


@pytest.mark.parametrize(("days", "kept"), [(REFERRAL_DAYS, 30), ("30", 30), (0.5, 0.5), (400, 400)])
def test_for_how_long_a_link_is_kept(days: object, kept: float) -> None:
    """A number of days, or its text as an environment has it."""
    assert kept_for(days) == timedelta(days=kept)


@pytest.mark.parametrize(
    "days", [0, -1, 1e-9, 400.1, 1e12, 1e30, float("inf"), float("nan"), True, "soon", "", None, [30]]
)
def test_days_that_no_browser_keeps(days: object) -> None:
    """No time at all, more than browsers keep a cookie, and what is no number are each refused."""
    with pytest.raises(ValueError, match="must be a number of days greater than 0, at most 400"):
        kept_for(days)


def test_links_load_no_http_library() -> None:
    """`havn.ReferralLink` needs neither an HTTP library nor asyncio."""
    program = "import havn, sys; havn.ReferralLink(referral_code='ABC'); print(list(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout  # noqa: S603  a program of ours
    assert not [name for name in ("httpx", "asyncio", "ssl", "flask", "fastapi", "django") if repr(name) in loaded]
