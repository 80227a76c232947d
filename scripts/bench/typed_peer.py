"""What the requests-based reference parses an answer into: plain dataclasses, as such clients have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Commission:
    """One level's commission."""

    commission_id: str
    associate_id: str
    level: int
    rate: float
    amount: int
    type: str
    status: str

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Commission:
        """From HAVN's JSON."""
        return cls(
            commission_id=raw["commission_id"],
            associate_id=raw["associate_id"],
            level=raw["level"],
            rate=raw["rate"],
            amount=raw["amount"],
            type=raw["type"],
            status=raw["status"],
        )


@dataclass(frozen=True)
class Transaction:
    """A recorded transaction."""

    transaction_id: str
    amount: int
    currency: str
    status: str
    customer_type: str
    created_at: str
    commissions: tuple[Commission, ...]
    total_commission: int
    commission_distributed: bool

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Transaction:
        """From HAVN's JSON."""
        inner = raw["transaction"]
        return cls(
            transaction_id=inner["transaction_id"],
            amount=inner["amount"],
            currency=inner["currency"],
            status=inner["status"],
            customer_type=inner["customer_type"],
            created_at=inner["created_at"],
            commissions=tuple(Commission.read(each) for each in raw["commissions"]),
            total_commission=raw["total_commission"],
            commission_distributed=raw["commission_distributed"],
        )
