"""Calls one after the other: along the contract's links, with a model of what the sandbox must remember."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness import examples
from harness.freshness import make_plausible
from harness.schema import schemathesis_schema
from harness.target import Target, in_process
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

if TYPE_CHECKING:
    from harness.exchange import Exchange
    from schemathesis import Case
    from schemathesis.core.transport import Response

MACHINE: Any = schemathesis_schema().as_state_machine()
VOUCHERS = ("HAVN-AQNEO-S08-LIMIT5", "HAVN-AQNEO-S08-RUPIAH", "HAVN-AQNEO-S08-ABC123")
STRANGER = "test_stranger"
DEEP = settings.get_current_profile_name() == "deep"


class Flow(MACHINE):  # type: ignore[misc]  # the class is made from the contract
    """A company's day: what it is told is true later on."""

    def setup(self) -> None:
        """A sandbox of its own, and nothing known."""
        self.sandbox = in_process()
        self.target: Target = self.sandbox.__enter__()
        self.codes: set[str] = set()
        self.emails: set[str] = set()
        self.sales: dict[str, tuple[dict[str, Any], Any]] = {}
        self.uses: dict[str, int] = {}

    def teardown(self) -> None:
        """The sandbox goes."""
        self.sandbox.__exit__(None, None, None)

    # ── steps along the links ────────────────────────────────────────────────────────────────────

    def before_call(self, case: Case[Any]) -> None:
        """Valid calls are made plausible, like everywhere."""
        make_plausible(case)

    def get_call_kwargs(self, _case: Case[Any]) -> dict[str, Any]:
        """Signed, to this run's sandbox."""
        return {"auth": self.target.signer, **self.target.route}

    def validate_response(self, response: Response, case: Case[Any], **_options: Any) -> None:
        """The answer keeps the contract, and agrees with what was told before."""
        exchange = self.target.judge(case, response)
        self.remember(exchange, dry=response.request.headers.get("X-Test-Mode") == "true")

    # ── steps of our own ─────────────────────────────────────────────────────────────────────────

    @rule(code=st.sampled_from(VOUCHERS), amount=st.integers(1, 4000), dry=st.booleans())
    def sell(self, code: str, amount: int, dry: bool) -> None:
        """A sale with a voucher, often one whose uses are few."""
        sale = examples.sale(amount=amount, subtotal_transaction=amount + 200_000, promo_code=code)
        self.remember(self.target.call("sendTransaction", sale, headers={"X-Test-Mode": str(dry).lower()}), dry=dry)

    @rule(data=st.data())
    def sell_again(self, data: st.DataObject) -> None:
        """A sale that was told once is told the same way again, and counts once."""
        if self.sales:
            sale, answer = self.sales[data.draw(st.sampled_from(sorted(self.sales)))]
            again = self.target.call("sendTransaction", sale)
            assert (again.status, again.answer) == (200, answer)

    @rule(data=st.data())
    def use_what_was_created(self, data: st.DataObject) -> None:
        """A code that was given out earns, and a user that was synced logs in."""
        if self.codes:
            code = data.draw(st.sampled_from(sorted(self.codes)))
            sold = self.target.call("sendTransaction", examples.sale(referral_code=code))
            assert sold.status == 201, "a referral code was forgotten"
            assert sold.answer["commissions"], "a referral code earns nothing"
            self.remember(sold)
        if self.emails:
            email = data.draw(st.sampled_from(sorted(self.emails)))
            assert self.target.call("createLoginLink", {"email": email}).status == 200, "a user was forgotten"

    @rule()
    def count_uses(self) -> None:
        """A voucher was used as often as it was sold with, and never more often than its limit."""
        page = self.target.call("listVouchers", query={"per_page": 100}).answer["data"]
        for voucher in page:
            known_from_the_start = 3 if voucher["code"].endswith("USEDUP") else 0
            assert voucher["current_usage"] == self.uses.get(voucher["code"], 0) + known_from_the_start
            assert voucher["usage_limit"] is None or voucher["current_usage"] <= voucher["usage_limit"]

    @rule()
    def ask_as_a_stranger(self) -> None:
        """Another company sees no voucher, no code, no user and no payment of this one."""
        stranger = self.target.as_company(STRANGER)
        assert self.target.call("listVouchers", signer=stranger).answer["data"] == []
        for code in sorted(self.codes)[:1]:
            sale = examples.sale(referral_code=code)
            assert self.target.call("sendTransaction", sale, signer=stranger).status == 404
        for email in sorted(self.emails)[:1]:
            assert self.target.call("createLoginLink", {"email": email}, signer=stranger).status == 404
        for sale, _ in [*self.sales.values()][:1]:
            theirs = {**sale, "referral_code": None, "promo_code": None, "subtotal_transaction": None}
            told = self.target.call("sendTransaction", theirs, signer=stranger, headers={"X-Test-Mode": "true"})
            assert told.status == 201, "another company's payment was taken for this one's"

    # ── the model ────────────────────────────────────────────────────────────────────────────────

    def remember(self, exchange: Exchange, *, dry: bool = False) -> None:
        """What an answer promises for later; a dry run promises nothing."""
        if not exchange.accepted or dry:
            return
        if exchange.operation.operation_id == "syncUsers":
            for outcome in exchange.answer.get("results") or [exchange.answer]:
                if outcome.get("referral_code"):
                    self.codes.add(outcome["referral_code"])
                if (outcome.get("user") or {}).get("is_active"):
                    self.emails.add(outcome["user"]["email"])
        elif exchange.status == 201:
            sale, answer = exchange.sent, exchange.answer
            self.sales[sale["payment_gateway_transaction_id"]] = sale, answer
            code = sale.get("promo_code")
            if code is not None and answer["transaction"]["status"] != "FAILED":
                self.uses[code.upper()] = self.uses.get(code.upper(), 0) + 1


TestFlow = Flow.TestCase
TestFlow.settings = settings(
    max_examples=100 if DEEP else 12,
    stateful_step_count=30 if DEEP else 15,
    phases=[Phase.generate] if not DEEP else [Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
