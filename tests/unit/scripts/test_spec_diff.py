from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import spec_diff
from contract_diff import changes, text_changes
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract import Node

    Edited = Callable[[dict[str, Any]], Node]

SCHEMAS = "/components/schemas"
PATHS = "/paths/~1api~1v1~1webhook~1"
REQUEST = f"{SCHEMAS}/TransactionRequest"
AMOUNT = f"{REQUEST}/properties/amount"
USERS = f"{SCHEMAS}/UserSyncBulkRequest/properties/users"
LINK = f"{SCHEMAS}/LoginLink"
TRANSACTION = "POST /api/v1/webhook/transaction"
BODY = f"{TRANSACTION} request body"
SYNC_BODY = "POST /api/v1/webhook/user-sync request body"
LIST = "GET /api/v1/webhook/vouchers"
LOGIN = "POST /api/v1/webhook/login"
ANSWER = f"{LOGIN} response 200 body"

#: A whole contract is compared for each example, on a machine that may have better to do.
UNHURRIED = settings(deadline=None, max_examples=60)


class Edit(NamedTuple):
    """An edit of the contract, the line that it must give, and whether it and undoing it break a client."""

    edits: dict[str, Any]
    line: str
    breaks: bool
    undoing_breaks: bool


EDITS = [
    # operations
    Edit({f"{PATHS}login": ...}, f"{LOGIN}: operation removed", True, False),
    Edit({f"{PATHS}login/post/operationId": "logIn"}, f"{LOGIN}: operationId changed, review it", True, True),
    Edit({"/servers/0": ...}, "server https://api.havn.com: server removed", True, False),
    # security
    Edit({f"{PATHS}login/post/security": []}, f"{LOGIN}: security relaxed, now nothing", False, True),
    Edit({f"{PATHS}login/post/security": [{}]}, f"{LOGIN}: security relaxed, now nothing", False, True),
    Edit(
        {"/components/securitySchemes/ApiKey/name": "X-Key"},
        "security scheme ApiKey: name changed, review it",
        True,
        True,
    ),
    # parameters
    Edit(
        {f"{PATHS}vouchers/get/parameters/1": ...},
        f"{LIST} query parameter page: parameter removed",
        True,
        False,
    ),
    Edit(
        {f"{PATHS}vouchers/get/parameters/-": {"name": "q", "in": "query", "schema": {}}},
        f"{LIST} query parameter q: optional parameter added",
        False,
        True,
    ),
    Edit(
        {f"{PATHS}vouchers/get/parameters/-": {"name": "q", "in": "query", "schema": {}, "required": True}},
        f"{LIST} query parameter q: required parameter added",
        True,
        True,
    ),
    Edit(
        {f"{PATHS}vouchers/get/parameters/1/required": True},
        f"{LIST} query parameter page: optional -> required",
        True,
        False,
    ),
    Edit(
        {f"{PATHS}vouchers/get/parameters/2/schema/maximum": 50},
        f"{LIST} query parameter per_page: maximum lowered 100 -> 50",
        True,
        False,
    ),
    Edit(
        {f"{PATHS}vouchers/get/parameters/2/schema/default": 20},
        f"{LIST} query parameter per_page: default changed, review it",
        True,
        True,
    ),
    # links
    Edit(
        {f"{PATHS}login/post/responses/200/links": {"Back": {"operationId": "syncUsers"}}},
        f"{LOGIN} response 200 link Back: link added",
        False,
        True,
    ),
    Edit(
        {"/components/responses/UsersSynced/links/LogIn/operationId": "syncUsers"},
        "POST /api/v1/webhook/user-sync response 200 link LogIn: operationId changed, review it",
        True,
        True,
    ),
    # request bodies
    Edit({f"{PATHS}transaction/post/requestBody": ...}, f"{BODY}: body removed", True, True),
    Edit({f"{PATHS}transaction/post/requestBody/required": False}, f"{BODY}: required -> optional", False, True),
    Edit({f"{PATHS}transaction/post/requestBody/content/text~1csv": {}}, f"{BODY}: text/csv added", False, True),
    Edit({f"{REQUEST}/properties/invoice_id": ...}, f"{BODY} /invoice_id: field removed", True, False),
    Edit({f"{REQUEST}/properties/note": {"type": "string"}}, f"{BODY} /note: optional field added", False, True),
    Edit(
        {f"{REQUEST}/properties/note": {"type": "string"}, f"{REQUEST}/required/-": "note"},
        f"{BODY} /note: required field added",
        True,
        True,
    ),
    Edit(
        {f"{REQUEST}/required/-": "referral_code"},
        f"{BODY} /referral_code: optional -> required",
        True,
        False,
    ),
    Edit({f"{REQUEST}/additionalProperties": ...}, f"{BODY}: additionalProperties opened", False, True),
    Edit({f"{REQUEST}/then": ...}, f"{BODY}: then changed, review it", True, True),
    Edit({f"{AMOUNT}/maximum": 5}, f"{BODY} /amount: maximum lowered 1000000000 -> 5", True, False),
    Edit({f"{AMOUNT}/minimum": 2}, f"{BODY} /amount: minimum raised 1 -> 2", True, False),
    Edit({f"{AMOUNT}/maximum": ...}, f"{BODY} /amount: maximum removed 1000000000", False, True),
    Edit({f"{AMOUNT}/type": "number"}, f"{BODY} /amount: type widened integer -> number", False, True),
    Edit({f"{AMOUNT}/type": "string"}, f"{BODY} /amount: type changed integer -> string", True, True),
    Edit({f"{AMOUNT}/type": ["integer", "null"]}, f"{BODY} /amount: nullability added", False, True),
    Edit({f"{AMOUNT}/multipleOf": 5}, f"{BODY} /amount: multipleOf added 5", True, False),
    Edit(
        {f"{REQUEST}/properties/currency": {"$ref": "#/components/schemas/Currency"}},
        f"{BODY} /currency: nullability removed",
        True,
        False,
    ),
    Edit(
        {f"{SCHEMAS}/CustomerType/enum/1": ...},
        f"{BODY} /customer_type: enum value removed RETURNING_CUSTOMER",
        True,
        False,
    ),
    Edit({f"{SCHEMAS}/CustomerType/enum": ...}, f"{BODY} /customer_type: enum removed", False, True),
    Edit(
        {f"{SCHEMAS}/CustomFields/maxProperties": 3},
        f"{BODY} /custom_fields: maxProperties lowered 10 -> 3",
        True,
        False,
    ),
    Edit(
        {f"{SCHEMAS}/CustomFields/additionalProperties/type": "string"},
        f"{BODY} /custom_fields/*: type narrowed boolean|number|string -> string",
        True,
        False,
    ),
    Edit({f"{USERS}/maxItems": 10}, f"{SYNC_BODY} /oneOf/0/users: maxItems lowered 50 -> 10", True, False),
    Edit({f"{USERS}/items": ...}, f"{SYNC_BODY} /oneOf/0/users/[]: additionalProperties opened", False, True),
    Edit({f"{USERS}/items": False}, f"{SYNC_BODY} /oneOf/0/users/[]: schema changed, review it", True, True),
    Edit(
        {f"{SCHEMAS}/UserSyncRequest/properties/country_code/pattern": "^[A-Z]+$"},
        f"{SYNC_BODY} /oneOf/1/country_code: pattern changed ^[A-Z]{{2}}$ -> ^[A-Z]+$, review it",
        True,
        True,
    ),
    Edit(
        {f"{SCHEMAS}/UserSyncRequest/properties/email/format": ...},
        f"{SYNC_BODY} /oneOf/1/email: format removed email",
        False,
        True,
    ),
    Edit(
        {f"{PATHS}user-sync/post/requestBody/content/application~1json/schema/oneOf/1": ...},
        f"{SYNC_BODY}: oneOf changed, review it",
        True,
        True,
    ),
    # responses
    Edit(
        {f"{PATHS}transaction/post/responses/201": ...},
        f"{TRANSACTION} response 201: status removed",
        True,
        True,
    ),
    Edit(
        {f"{PATHS}transaction/post/responses/409": ...},
        f"{TRANSACTION} response 409: status removed",
        False,
        False,
    ),
    Edit({f"{PATHS}login/post/responses/200/content": {}}, f"{ANSWER}: application/json removed", True, False),
    Edit(
        {"/components/responses/TooManyRequests/headers/Retry-After": ...},
        f"{LOGIN} response 429 header Retry-After: header removed",
        True,
        False,
    ),
    Edit(
        {"/components/headers/RateLimitReset/required": False},
        f"{LOGIN} response 200 header X-RateLimit-Reset: required -> optional",
        True,
        False,
    ),
    Edit(
        {"/components/headers/RetryAfter/required": True},
        f"{LOGIN} response 429 header Retry-After: optional -> required",
        False,
        True,
    ),
    Edit({f"{LINK}/properties/token": ...}, f"{ANSWER} /data/token: field removed", True, False),
    Edit(
        {f"{LINK}/properties/region": {"type": "string"}},
        f"{ANSWER} /data/region: optional field added",
        False,
        True,
    ),
    Edit({f"{LINK}/properties/token/type": "string"}, f"{ANSWER} /data/token: nullability removed", False, True),
    Edit(
        {f"{LINK}/properties/expires_in/type": ["number", "null"]},
        f"{ANSWER} /data/expires_in: type widened integer -> number",
        True,
        False,
    ),
    Edit(
        {f"{LINK}/properties/token/enum": ["a", None]},
        f"{ANSWER} /data/token: enum added ['a', None]",
        True,
        True,
    ),
    Edit({f"{LINK}/required": ["token"]}, f"{ANSWER} /data/token: optional -> required", False, True),
    Edit({f"{LINK}/additionalProperties": False}, f"{ANSWER} /data: additionalProperties closed", False, True),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.line)
def test_an_edit_gives_its_line(edited: Edited, edit: Edit) -> None:
    """Each change is named by its place, and breaks exactly those that it concerns."""
    found = changes(edited({}), edited(edit.edits))
    assert edit.line in [str(change) for change in found]
    assert any(change.breaking for change in found) is edit.breaks


@UNHURRIED
@given(edit=st.sampled_from(EDITS))
def test_a_contract_does_not_differ_from_itself(edited: Edited, edit: Edit) -> None:
    """Two readings of one contract show no change, whatever it says."""
    assert changes(edited(edit.edits), edited(edit.edits)) == []
    assert text_changes(edited(edit.edits), edited(edit.edits)) == 0


@UNHURRIED
@given(edit=st.sampled_from(EDITS))
def test_undoing_turns_narrower_into_wider(edited: Edited, edit: Edit) -> None:
    """The way back changes the same places, and breaks exactly where narrower became wider or the reverse."""
    there, back = changes(edited({}), edited(edit.edits)), changes(edited(edit.edits), edited({}))
    assert {change.place for change in there} == {change.place for change in back}
    assert any(change.breaking for change in back) is edit.undoing_breaks


@UNHURRIED
@given(first=st.sampled_from(EDITS), second=st.sampled_from(EDITS))
def test_breaking_changes_come_first(edited: Edited, first: Edit, second: Edit) -> None:
    """A reader who stops early has seen what breaks."""
    flags = [change.breaking for change in changes(edited(first.edits), edited(second.edits))]
    assert flags == sorted(flags, reverse=True)


def test_texts_are_counted_not_listed(edited: Edited) -> None:
    """A new description, example or source is a text; a field that is named `description` is none."""
    head = edited(
        {
            f"{AMOUNT}/description": "New.",
            f"{AMOUNT}/examples/0": 1,
            f"{AMOUNT}/x-havn-source": "published",
            "/info/version": "2",
        }
    )
    assert changes(edited({}), head) == []
    assert text_changes(edited({}), head) == 4
    assert changes(edited({}), edited({f"{REQUEST}/properties/description": ...}))


# ── the command line ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def repository(edited: Edited, tmp_path: Path) -> Path:
    """A git repository whose only commit holds the contract."""
    (tmp_path / "openapi.yaml").write_text(json.dumps(edited({})), encoding="utf-8")
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", "openapi.yaml")
    _git(
        tmp_path,
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "commit",
        "--quiet",
        "--message",
        "one",
    )
    return tmp_path


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(("git", *arguments), cwd=root, check=True)  # noqa: S603, S607


def test_the_working_tree_is_compared(edited: Edited, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without HEAD the working tree counts: the exit code is 1, and breaking changes are marked."""
    head = edited({f"{AMOUNT}/maximum": 5, f"{REQUEST}/properties/note": {}, f"{AMOUNT}/description": "New."})
    (repository / "openapi.yaml").write_text(json.dumps(head), encoding="utf-8")
    assert spec_diff.main(["HEAD"], repository) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"BREAKING  {BODY} /amount: maximum lowered 1000000000 -> 5",
        f"added     {BODY} /note: optional field added",
        "text      1 description(s), example(s) or the like changed",
    ]


def test_two_revisions_are_compared(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With HEAD the working tree does not count."""
    (repository / "openapi.yaml").unlink()
    assert spec_diff.main(["HEAD", "HEAD"], repository) == 0
    assert capsys.readouterr().out == "No change.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "git knows no revision 'nowhere' here."),
        (["HEAD", "nowhere"], "git knows no revision 'nowhere' here."),
        (["HEAD", "HEAD", "--path", "nowhere.yaml"], "There is no nowhere.yaml in revision 'HEAD'."),
    ],
)
def test_nothing_to_compare_is_one_message(
    repository: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown revision or a missing contract gives exit code 2 and says which."""
    assert spec_diff.main(arguments, repository) == 2
    assert capsys.readouterr().err.strip() == message


def test_a_broken_reference_is_one_message(
    edited: Edited, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contract that can't be compared gives exit code 2 and says why."""
    head = edited({AMOUNT: {"$ref": "#/components/schemas/Nowhere"}})
    (repository / "openapi.yaml").write_text(json.dumps(head), encoding="utf-8")
    assert spec_diff.main(["HEAD"], repository) == 2
    assert capsys.readouterr().err == "#/components/schemas/Nowhere leads nowhere.\n"


def test_a_missing_working_file_is_one_message(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A contract that was removed from the working tree gives exit code 2."""
    (repository / "openapi.yaml").unlink()
    assert spec_diff.main(["HEAD"], repository) == 2
    assert capsys.readouterr().err == "There is no openapi.yaml in the working tree.\n"
