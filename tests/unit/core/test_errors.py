from __future__ import annotations

import copy
import pickle
import re
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from havn_ext import errors
from havn_ext.errors import HAVNAPIError, HAVNError, HAVNNetworkError, HAVNTimeoutError, HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = '{"error": "private", "message": "said in private"}'
ANSWER: dict[str, Any] = {
    "status_code": 418,
    "request_id": "req_1",
    "body": BODY,
    "error_type": "private",
    "response": {"error": "private", "details": [{"path": "/amount"}]},
}
LIMITED: dict[str, Any] = {"retry_after": 2.5, "limit": 20, "remaining": 0, "reset_at": 1735689600}
CONVERSION: dict[str, Any] = {"expected": 6250, "actual": 6251, "rate": Decimal("0.0000625")}

# Every error with all its arguments.
FULL: list[HAVNError] = [
    HAVNError("message", status_code=200, request_id="req_1", body=BODY),
    HAVNValidationError("message", errors={"amount": "is required"}),
    HAVNNetworkError("message", original_error=httpx.ConnectError("refused")),
    HAVNTimeoutError("message", original_error=TimeoutError("late")),
    HAVNAPIError("message", **ANSWER),
    errors.HAVNBadRequestError("message", **ANSWER),
    errors.HAVNAuthError("message", **ANSWER),
    errors.HAVNNotFoundError("message", **ANSWER),
    errors.HAVNConflictError("message", **ANSWER),
    errors.HAVNUnprocessableError("message", **ANSWER),
    errors.HAVNRateLimitError("message", **ANSWER, **LIMITED),
    errors.HAVNConversionError("message", **ANSWER, **CONVERSION),
    errors.HAVNServerError("message", **ANSWER, retry_after=2.5),
    errors.HAVNResponseError("message", **ANSWER),
]
CLASSES = [type(error) for error in FULL]


def pickled(error: Any) -> Any:
    """An error after a journey to another process."""
    return pickle.loads(pickle.dumps(error))  # noqa: S301  our own pickle


class WantsMoreError(Exception):
    """An error of a library that can't be built from its `args`."""

    def __init__(self, code: int, *, place: str) -> None:
        super().__init__(f"code {code}")
        self.place = place


class UnspeakableError(Exception):
    """An error that can be neither pickled nor printed."""

    def __reduce__(self) -> str:
        raise TypeError("not me")

    def __str__(self) -> str:
        raise RuntimeError("nor like this")


def local_error() -> Exception:
    """An error whose class no other process can find."""

    class LocalError(Exception):
        pass

    return LocalError("out of reach")


JOURNEYS: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, pickled]


def attributes(error: HAVNError) -> dict[str, Any]:
    """What an error holds, the original error by its words."""
    return {name: repr(value) if name == "original_error" else value for name, value in vars(error).items()}


def drawn() -> dict[str, tuple[str | None, set[str]]]:
    """The tree in the module's docstring: each class with its parent and the attributes named beside it."""
    tree: dict[str, tuple[str | None, set[str]]] = {}
    above: list[str] = []
    for indent, name, words in re.findall(r"^([ │├└─]*)(HAVN\w+)[ ]+(.*)$", errors.__doc__ or "", re.MULTILINE):
        del above[len(indent) // 4 :]
        tree[name] = (above[-1] if above else None, set(re.findall(r"\.(\w+)", words)))
        above.append(name)
    return tree


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """The drawn tree names every class below its base class, and no other."""
    real = {kind.__name__: kind.__base__ and kind.__base__.__name__ for kind in CLASSES}
    assert {name: parent or "Exception" for name, (parent, _) in drawn().items()} == real


def test_every_error_is_public_and_tried() -> None:
    """`__all__`, the drawn tree and the table of this file name the same errors."""
    assert sorted(errors.__all__) == errors.__all__ == sorted(drawn())
    assert {kind.__name__ for kind in CLASSES} == set(errors.__all__)


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
def test_the_attributes_in_the_docstring_are_there(error: HAVNError) -> None:
    """Beside each class, and above it, stand attributes that it has."""
    tree = drawn()
    name: str | None = type(error).__name__
    while name is not None:
        name, named = tree[name]
        assert named <= set(vars(error))


@pytest.mark.parametrize("journey", JOURNEYS)
@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
def test_every_error_travels(error: HAVNError, journey: Callable[[Any], Any]) -> None:
    """A pickled or copied error is of the same class, says the same, and holds the same."""
    there = journey(error)
    assert there is not error
    assert (type(there), str(there), repr(there), there.args) == (type(error), str(error), repr(error), error.args)
    assert attributes(there) == attributes(error)


@pytest.mark.parametrize("journey", JOURNEYS)
@pytest.mark.parametrize("kind", CLASSES)
def test_an_empty_error_travels(kind: type[HAVNError], journey: Callable[[Any], Any]) -> None:
    """Every argument has a default, and an error made of defaults travels too."""
    assert attributes(journey(kind())) == attributes(kind())


@pytest.mark.parametrize("journey", JOURNEYS)
def test_notes_travel(journey: Callable[[Any], Any]) -> None:
    """What was added to an error on its way up is not lost."""
    error = HAVNNetworkError("message")
    error.add_note("while paying order 7")
    assert journey(error).__notes__ == ["while paying order 7"]


@pytest.mark.parametrize("journey", JOURNEYS)
@pytest.mark.parametrize(
    ("original", "kind", "words"),
    [
        (OSError(111, "Connection refused"), ConnectionRefusedError, "[Errno 111] Connection refused"),
        (
            httpx.ReadTimeout("late", request=httpx.Request("GET", "https://havn.invalid")),
            httpx.ReadTimeout,
            "late",
        ),
        (WantsMoreError(7, place="here"), Exception, "WantsMoreError: code 7"),
        (local_error(), Exception, "LocalError: out of reach"),
        (OSError(threading.Lock(), "locked"), Exception, "OSError: "),
        (UnspeakableError(), Exception, "UnspeakableError: an error without a text"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_original_error_never_holds_an_error_back(
    original: Exception, kind: type[Exception], words: str, journey: Callable[[Any], Any]
) -> None:
    """The original error travels as its class where it can, and as its words where it can't."""
    there = journey(HAVNNetworkError("lost", original_error=original)).original_error
    assert type(there) is kind
    assert str(there).startswith(words)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (HAVNError("Lost"), "Lost"),
        (HAVNError("Lost", status_code=502), "Lost (HTTP 502)"),
        (HAVNError("Lost", request_id="req_1"), "Lost (request req_1)"),
        (HAVNAPIError("Lost", status_code=502, request_id="req_1"), "Lost (HTTP 502, request req_1)"),
    ],
)
def test_an_error_says_its_status_and_request(error: HAVNError, text: str) -> None:
    """The text of an error ends with what to quote to HAVN."""
    assert str(error) == text
    assert repr(error) == f"{type(error).__name__}({text!r})"


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
def test_an_error_does_not_show_what_havn_said(error: HAVNError) -> None:
    """Body and response are kept and never shown."""
    assert "private" not in f"{error} {error!r}"


def test_a_validation_error_is_made_of_its_fields() -> None:
    """Without a message of its own it lists every field; it is a ValueError, too."""
    error = HAVNValidationError(errors={"amount": "is required", "currency": "must be USD"})
    assert str(error) == "amount: is required; currency: must be USD"
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("given", [{"amount": "is required"}, {}])
def test_an_error_keeps_its_own_copy(given: dict[str, str]) -> None:
    """What the caller does with a mapping afterwards does not change the error."""
    validation, answered = HAVNValidationError(errors=given), HAVNAPIError(response=given)
    before = dict(given)
    given["later"] = "changed"
    assert validation.errors == answered.response == before
