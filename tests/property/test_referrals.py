from __future__ import annotations

from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from havn_ext.referrals import REFERRAL_COOKIE, ReferralLink, ReferralVisit

codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{2,48}", fullmatch=True)
links = st.builds(ReferralLink, referral_code=codes, voucher_code=codes | st.none())
anything = st.text() | st.dictionaries(
    st.sampled_from(["ref", "vc", "page"]), st.text() | st.integers() | st.none()
)


@given(links)
def test_a_link_survives_every_place_that_keeps_it(link: ReferralLink) -> None:
    """Text, address and cookie header give back the very link."""
    jar: SimpleCookie = SimpleCookie()
    jar[REFERRAL_COOKIE] = str(link)
    read = SimpleCookie(jar.output(header="").strip())[REFERRAL_COOKIE].value
    assert read == str(link)
    assert ReferralLink.parse(read) == link
    assert ReferralLink.parse(link.address("https://shop.example/login?next=/cart#top")) == link


@given(links, st.none() | links.map(str), st.integers(400, 599))
def test_no_error_takes_a_link_away(link: ReferralLink, cookie: str | None, status: int) -> None:
    """Whatever was attached before a request failed, the next request has the link of this one."""
    visit = ReferralVisit(str(link), cookie)
    visit.attach(SimpleNamespace(referral_code=None, voucher_code=None))
    after = visit.cookie_after(status)
    assert ReferralVisit("", cookie if after is None else after).link == link


@given(anything, st.none() | st.text() | links.map(str))
def test_a_visitor_may_send_anything(query: Any, cookie: str | None) -> None:
    """No query and no cookie raises; what is kept of them is a well-formed link or nothing."""
    visit = ReferralVisit(query, cookie)
    assert visit.link is None or ReferralLink.parse(str(visit.link)) == visit.link
    after = visit.cookie_after()
    assert not after or ReferralVisit("", after).cookie_after() is None
