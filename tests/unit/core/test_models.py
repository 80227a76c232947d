from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from havn_ext import models

if TYPE_CHECKING:
    from collections.abc import Callable

EMAIL = "jane.doe@example.com"

MODELS: list[Any] = [
    models.Commission(associate_id="asc_1", raw={"new": 1}),
    models.Transaction(amount=1, currency="USD", custom_fields={"email": EMAIL}, raw={"new": 1}),
    models.TransactionResult(transaction=models.Transaction(amount=1, currency="USD"), message=f"Paid by {EMAIL}"),
    models.SyncedUser(id=EMAIL, email=EMAIL, name="Jane Doe"),
    models.Associate(associate_id="asc_1", associate_name=EMAIL),
    models.UserSyncResult(user=models.SyncedUser(email=EMAIL), message=f"Synced {EMAIL}"),
    models.SyncError(index=1, email=EMAIL, error=f"{EMAIL} is inactive"),
    models.SyncSummary(total=1, success=1),
    models.BulkSyncResult(errors=(models.SyncError(email=EMAIL),), message=EMAIL),
    models.SyncReport(failures=(models.SyncError(email=EMAIL, error=EMAIL),)),
    models.Voucher(code="HAVN-A-1", created_by=EMAIL, description=f"for {EMAIL}"),
    models.Pagination(total=1, raw={"new": 1}),
    models.VoucherPage(data=(models.Voucher(created_by=EMAIL),), message=EMAIL),
]


def name_of(model: Any) -> str:
    """What a test is called after."""
    return type(model).__name__


def test_every_model_is_tried() -> None:
    """The table of this file has each public model once."""
    assert sorted(map(name_of, MODELS)) == sorted(models.__all__)


@pytest.mark.parametrize("journey", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301  our own pickle
@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_model_travels(model: Any, journey: Callable[[Any], Any]) -> None:
    """A pickled or copied model is equal, and has kept `raw`."""
    there = journey(model)
    assert there == model
    assert getattr(there, "raw", None) == getattr(model, "raw", None)


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_model_is_frozen(model: Any) -> None:
    """No field of a model can be set, and no new one added."""
    for field in (*(field.name for field in attrs.fields(type(model))), "new_field"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(model, field, None)


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_model_fits_in_a_set(model: Any) -> None:
    """Equal models have equal hashes."""
    assert len({model, copy.deepcopy(model)}) == 1


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_no_model_shows_an_address(model: Any) -> None:
    """A repr holds no whole e-mail address, whichever field it came in, and no `raw`."""
    assert EMAIL not in repr(model)
    assert "raw=" not in repr(model)


def test_a_repr_says_what_matters() -> None:
    """Masking changes nothing but what is private."""
    error = models.SyncError(index=3, email=EMAIL, error=f"{EMAIL} is inactive")
    assert repr(error) == "SyncError(index=3, email='j****@example.com', error='j****@example.com is inactive')"
    assert repr(models.SyncError()) == "SyncError(index=None, email=None, error='')"
    assert "Jane" not in repr(models.SyncedUser(name="Jane Doe", picture="Jane.png"))


@pytest.mark.parametrize(
    ("status", "failed"), [("FAILED", True), ("failed", True), ("success", False), (None, False), ("", False)]
)
def test_a_failed_transaction_says_so(status: str | None, failed: bool) -> None:
    """A status is compared without case."""
    assert models.Transaction(amount=1, currency="USD", status=status).failed is failed


def test_an_error_reads_as_a_mapping() -> None:
    """`error["email"]` is `error.email`, as in HAVN's document, and what HAVN added is there as well."""
    raw = {"index": 0, "email": EMAIL, "error": "raw words", "hint": "new"}
    error = models.SyncError(index=50, email=EMAIL, error="inactive", raw=raw)
    assert (error["index"], error["email"], error["error"], error["hint"]) == (50, EMAIL, "inactive", "new")
    assert models.SyncError()["index"] is None
    with pytest.raises(KeyError, match="nothing"):
        error["nothing"]
