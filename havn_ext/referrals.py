"""HAVN's public referral link `?ref=<referral_code>&vc=<voucher_code>`: read, check, keep, attach to a user.

HAVN sends a visitor to your login page by it, and both codes are yours to keep until that person's first
transaction, which reports them. Pure: the frameworks' part is in `havn_ext.integrations`. Source: the
published clients ("Public referral link" of the contract).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import attrs

from havn_ext.config import seconds
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["REFERRAL_COOKIE", "REFERRAL_DAYS", "ReferralLink", "ReferralVisit"]

REFERRAL_COOKIE: Final = "havn_referral"
"""The cookie that the integrations keep a link in."""
REFERRAL_DAYS: Final = 30
"""For how many days they keep it, unless told otherwise."""

_PARAMETERS: Final = {"referral_code": "ref", "voucher_code": "vc"}
_LENGTHS: Final = {"referral_code": (3, 50), "voucher_code": (1, 100)}
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHORTEST: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(days=400)
"""Browsers keep no cookie for longer (RFC 6265bis 5.5)."""
_FIRST_ERROR: Final = 400


def _trimmed(code: str | None) -> str | None:
    return (code.strip() or None) if isinstance(code, str) else code


def _upper(code: str | None) -> str | None:
    trimmed = _trimmed(code)
    return trimmed.upper() if isinstance(trimmed, str) and trimmed.isascii() else trimmed


@attrs.frozen(kw_only=True)
class ReferralLink:
    """What a referral link says. Only well-formed codes get in; HAVN alone knows whether they exist.

    Attributes:
        referral_code: Whom the visitor comes from, 3 to 50 characters in upper case: the `referral_code` of
            the transactions to come.
        voucher_code: The voucher of the link, up to 100 characters: their `promo_code`.

    Raises:
        HAVNValidationError: Names each code that is malformed; or there is none at all.
    """

    referral_code: str | None = attrs.field(default=None, converter=_upper)
    voucher_code: str | None = attrs.field(default=None, converter=_trimmed)

    def __attrs_post_init__(self) -> None:
        codes: dict[str, object] = attrs.asdict(self)
        reasons = {name: _fault(code, *_LENGTHS[name]) for name, code in codes.items() if code is not None}
        errors = {name: reason for name, reason in reasons.items() if reason is not None}
        if not reasons:
            errors["referral_code"] = "is missing, and so is voucher_code: a referral link has ref, vc or both"
        if errors:
            raise HAVNValidationError(errors=errors)

    @classmethod
    def parse(cls, source: str | Mapping[str, object]) -> Self:
        """The link that an address, a query or a mapping of its parameters is.

        Args:
            source: Such as `https://shop.example/login?ref=HAVN-MJ-001&vc=…`, its query alone, or
                `request.args`, `request.GET`, `request.query_params`. Other parameters don't matter.

        Raises:
            HAVNValidationError: Names each code that is malformed; or there is none at all.
        """
        return cls(**_codes(source))

    @classmethod
    def find(cls, source: str | Mapping[str, object]) -> Self | None:
        """What is well-formed of the link, None where nothing is: for what visitors send, who may send anything.

        Args:
            source: As `parse`.
        """
        good: dict[str, Any] = {}
        for name, code in _codes(source).items():
            with suppress(HAVNValidationError):
                cls(**{name: code})
                good[name] = code
        return cls(**good) if good else None

    def address(self, page: str) -> str:
        """An address with this link's codes, in place of those that it may have: a link to pass on.

        Args:
            page: Such as `https://shop.example/login`; its other parameters, in their order, and its fragment stay.
        """
        parts = urlsplit(page)
        others = [
            pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in _PARAMETERS.values()
        ]
        query = "&".join(filter(None, [urlencode(others), str(self)]))
        return urlunsplit(parts._replace(query=query))

    def __str__(self) -> str:
        """The query of the link, fit for a cookie or a session; `parse` reads it again."""
        codes = attrs.asdict(self).items()
        return urlencode({_PARAMETERS[name]: code for name, code in codes if code is not None})


class ReferralVisit:
    """The link of one visitor throughout one request, and what becomes of the cookie that keeps it.

    A new link takes the place of the one that is kept, whole: its voucher belongs to its associate. The
    integrations for Django, Flask and FastAPI hand one out; with another framework make your own, and set the
    cookie that `cookie_after` tells.

    Args:
        query: The request's address, query, or its parameters.
        cookie: What the browser sent as the cookie `REFERRAL_COOKIE`, if anything. It needs no signature:
            the visitor could have typed the same codes into the address.

    Attributes:
        link: The link that holds for this visitor, None where there is none.
    """

    def __init__(self, query: str | Mapping[str, object], cookie: str | None = None) -> None:
        self._before = cookie or ""
        self._found = ReferralLink.find(query) or ReferralLink.find(self._before)
        self.link: ReferralLink | None = self._found

    def attach(
        self, user: object, *, referral_code: str = "referral_code", voucher_code: str = "voucher_code"
    ) -> bool:
        """Writes the link's codes on a user, at login or sign-up, and has the browser forget it.

        Call it last, when nothing can refuse the user any more: see `cookie_after`.

        A user who has either code already keeps what they have: nobody gets another upline by a click. Whether
        one who has bought before may still get one is yours to decide, before you call this; so is saving.

        Args:
            user: Any object with both attributes, such as a row of an ORM.
            referral_code: Name of the attribute for the referral code.
            voucher_code: Name of the attribute for the voucher code.

        Returns:
            Whether anything was written.

        Raises:
            AttributeError: The user has no such attribute, so the code would not be stored.
        """
        link, taken = self.link, getattr(user, referral_code) or getattr(user, voucher_code)
        self.forget()
        if link is None or taken:
            return False
        for name, code in ((referral_code, link.referral_code), (voucher_code, link.voucher_code)):
            if code is not None:
                setattr(user, name, code)
        return True

    def forget(self) -> None:
        """Has the browser forget the link: whoever uses it next is somebody else."""
        self.link = None

    def cookie_after(self, status: int = 200) -> str | None:
        """What the answer makes of the cookie: its new text, "" to take it away, None to leave it alone.

        Args:
            status: HTTP status of the answer. After one of 400 and above the browser keeps the link that it came
                with: what was attached was not stored, or may have been rolled back.
        """
        link = self.link or (self._found if status >= _FIRST_ERROR else None)
        after = "" if link is None else str(link)
        return None if after == self._before else after


def kept_for(days: object) -> timedelta:
    """For how long a browser keeps a link: what the integrations' settings say.

    Args:
        days: A number, or its text, as the environment has it: above 0, and at most 400.

    Raises:
        ValueError: It is none; the text completes a sentence that begins with the setting's name.
    """
    try:
        kept = timedelta(days=seconds(days))
    except (ValueError, OverflowError):
        kept = timedelta(0)
    if not _SHORTEST <= kept <= _LONGEST:
        raise ValueError(f"must be a number of days greater than 0, at most {_LONGEST.days}")
    return kept


def _fault(code: object, least: int, most: int) -> str | None:
    """What is wrong with a code; never the code itself, which anybody may have typed."""
    if not isinstance(code, str):
        return f"must be a str, not {type(code).__name__}"
    if not least <= len(code) <= most:
        return f"must have {least} to {most} characters, not {len(code)}"
    if not _CODE.fullmatch(code):
        return "must begin with a letter or digit, and have no others but those and - . _"
    return None


def _codes(source: str | Mapping[str, object]) -> dict[str, Any]:
    """The codes as they stand in a source, unchecked."""
    if isinstance(source, str):
        _, mark, query = source.partition("?")
        found = parse_qs((query if mark else source).partition("#")[0])
        return {name: found[short][0] for name, short in _PARAMETERS.items() if short in found}
    if isinstance(source, Mapping):
        return {name: source[short] for name, short in _PARAMETERS.items() if short in source}
    raise HAVNValidationError(
        errors={"source": f"must be an address or the parameters of one, not {type(source).__name__}"}
    )
