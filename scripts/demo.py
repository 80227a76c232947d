"""HAVN's whole integration flow, over real HTTP, between the client and the sandbox. `make demo` runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from havn import HAVNClient, to_major_units
from havn_ext.sandbox import SandboxConfig, SandboxServer

if TYPE_CHECKING:
    from havn import TransactionResult

UPLINE = "HAVN-MJ-001"
VOUCHER = "HAVN-AQNEO-S08-ABC123"


def main() -> None:
    """Runs the stages, each on what the one before it brought."""
    with (
        SandboxServer(SandboxConfig(seed="demo")) as sandbox,
        httpx.Client(event_hooks={"response": [show_exchange]}) as http_client,
        HAVNClient(
            sandbox.api_key, sandbox.webhook_secret, base_url=sandbox.url, http_client=http_client
        ) as client,
    ):
        print("HAVN's integration flow, between havn.HAVNClient and the sandbox on this machine")
        project = create_project(client)
        sync_team(client, project)
        sell_with_voucher(client)
        sell_in_rupiah(client)
        log_in(client)
        refer_another_project(client, project)


def create_project(client: HAVNClient) -> str:
    """A project's owner is synced and gets a referral code."""
    stage(1, f"ShopEasy joins below {UPLINE}: sync its owner, get its referral code")
    owner = client.users.sync("owner@shopeasy.example", "Shop Easy", is_owner=True, upline_code=UPLINE)
    tell(f"user {owner.user_id}, referral code {owner.referral_code}: ShopEasy stores it")
    return owner.referral_code or ""


def sync_team(client: HAVNClient, project: str) -> None:
    """A team of more than one call's fifty is linked to the owner's associate."""
    stage(2, "Its team of 57 follows, in batches of at most 50")
    team = ({"email": f"member{n}@shopeasy.example", "name": f"Member {n}"} for n in range(1, 58))
    report = client.users.sync_many(team, referral_code=project).finish()
    tell(f"{report.succeeded} of {report.total} synced in {report.batches} calls, {len(report.failures)} failures")


def sell_with_voucher(client: HAVNClient) -> None:
    """A voucher is found, checked and used, and five levels of commission come back."""
    stage(3, "A customer buys for $100.00 with a voucher of HAVN")
    page = client.vouchers.get_all(is_valid=True, sort_by="value", sort_order="desc")
    voucher = next(each for each in page.data if each.code == VOUCHER)
    client.vouchers.validate(VOUCHER, amount=10_000, currency="USD")
    discount = voucher.discount_for(10_000)
    tell(f"{page.pagination.total} vouchers can be used; {voucher.code} takes off {dollars(discount)}")
    for attempt in ("sent", "sent again, as a retry would"):
        result = client.transactions.send(
            amount=10_000 - discount,
            subtotal_transaction=10_000,
            promo_code=VOUCHER,
            payment_gateway_transaction_id="stripe_txn_001",
            customer_email="customer@example.com",
            referral_code=UPLINE,
        )
        tell(f"{attempt}: {result.transaction.transaction_id}, {'replayed' if result.replayed else 'recorded'}")
    show_commissions(result)


def sell_in_rupiah(client: HAVNClient) -> None:
    """A sale in rupiah, converted by HAVN."""
    stage(4, "Another pays Rp 1.500.000, which HAVN converts")
    result = client.transactions.send(
        amount=1_500_000,
        currency="IDR",
        server_side_conversion=True,
        payment_gateway="midtrans",
        payment_gateway_transaction_id="midtrans_txn_002",
        customer_email="pelanggan@example.com",
        referral_code=UPLINE,
    )
    show_commissions(result)


def log_in(client: HAVNClient) -> None:
    """The owner gets a login link."""
    stage(5, "The owner opens HAVN's dashboard")
    link = client.auth.login("Owner@ShopEasy.example")
    tell(f"redirect the browser to {link.partition('=')[0].rpartition('/')[2]}=… (single use, a secret)")


def refer_another_project(client: HAVNClient, project: str) -> None:
    """A second project joins below the first, which then earns from its sales."""
    stage(6, f"ShopEasy brings in BookNook, which joins below {project}")
    owner = client.users.sync("owner@booknook.example", "Book Nook", is_owner=True, upline_code=project)
    tell(f"BookNook's referral code is {owner.referral_code}; its sales carry its upline's, {project}")
    result = client.transactions.send(
        amount=50_000,
        payment_gateway_transaction_id="stripe_txn_003",
        customer_id="cus_booknook_1",
        referral_code=project,
    )
    show_commissions(result)


def show_exchange(response: httpx.Response) -> None:
    """One line for each request that really went over the wire."""
    request = response.request
    print(f"    {request.method:<4} {request.url.path}  {response.status_code}")


def show_commissions(result: TransactionResult) -> None:
    """Who earns what."""
    for each in result.commissions:
        tell(f"level {each.level}: {each.percentage:>4.1f} %  {dollars(each.amount):>7}  to {each.associate_id}")
    tell(f"total:           {dollars(result.total_commission):>7}")


def stage(number: int, title: str) -> None:
    """The heading of a stage."""
    print(f"\n{number}. {title}")


def tell(text: str) -> None:
    """One fact."""
    print(f"    {text}")


def dollars(cents: int) -> str:
    """US cents as people write them."""
    return f"${to_major_units(cents, 'USD')}"


if __name__ == "__main__":
    main()
