"""Reports paid orders from a CSV file to HAVN: `python report_orders.py orders.csv`.

Run it as often as you like: the payment's id tells HAVN that it has an order already. An order that can't be
reported doesn't keep back the others; it is named on standard error, and the exit code is then 1.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from havn import HAVNClient, HAVNError, HAVNValidationError, to_major_units, to_minor_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn import TransactionResult

COLUMNS = {"payment_id", "email", "amount", "currency", "subtotal", "referral_code", "voucher_code"}


def main() -> int:
    """Reports every order of the file; the exit code."""
    parser = argparse.ArgumentParser(description="Reports paid orders from a CSV file to HAVN.")
    parser.add_argument("file", type=Path, help=f"has the columns {', '.join(sorted(COLUMNS))}")
    parser.add_argument("--test-mode", action="store_true", help="have HAVN answer, and store nothing")
    options = parser.parse_args()
    try:
        with options.file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = COLUMNS - set(reader.fieldnames or ())
            if missing:
                parser.error(f"{options.file} lacks the columns {', '.join(sorted(missing))}")
            orders = list(reader)
        client = HAVNClient(test_mode=options.test_mode)
    except (OSError, UnicodeDecodeError, HAVNValidationError) as error:
        parser.error(str(error))
    failed = 0
    with client:
        for number, order in enumerate(orders, start=1):
            try:
                print(summary(report(client, order)))
            except (HAVNError, ValueError) as error:
                failed += 1
                print(f"row {number}, {order['payment_id']}: {error}", file=sys.stderr)
    are = "would be" if options.test_mode else "are"
    print(f"{len(orders) - failed} of {len(orders)} orders {are} with HAVN")
    return 1 if failed else 0


def report(client: HAVNClient, order: Mapping[str, str]) -> TransactionResult:
    """Reports one order; amounts in the file are as people write them, HAVN takes minor units.

    Raises:
        HAVNError: HAVN has refused the order, or was not reached.
        ValueError: An amount is none; or HAVN has stored the order as one that pays no commission.
    """
    currency = order["currency"]
    subtotal = order["subtotal"]
    result = client.transactions.send(
        amount=to_minor_units(order["amount"], currency),
        currency=currency,
        server_side_conversion=currency != "USD",
        subtotal_transaction=to_minor_units(subtotal, currency) if subtotal else None,
        payment_gateway_transaction_id=order["payment_id"],
        customer_email=order["email"],
        referral_code=order["referral_code"],
        promo_code=order["voucher_code"],
    )
    if result.transaction.failed:
        raise ValueError("HAVN recorded it as FAILED")
    return result


def summary(result: TransactionResult) -> str:
    """One line for one order."""
    sale = result.transaction
    paid = f"{to_major_units(sale.amount, sale.currency)} {sale.currency}"
    shared = f"{to_major_units(result.total_commission, 'USD'):.2f} USD over {len(result.commissions)} levels"
    known = ", known already" if result.replayed else ""
    return f"{sale.transaction_id}: {paid} paid, commission {shared}{known}"


if __name__ == "__main__":
    sys.exit(main())
