"""The outbox in Django's admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client
from outbox_support import LANES, sale

from havn_ext.integrations.django import outbox, store
from havn_ext.outbox.messages import Mark

MESSAGES = "/admin/havn/message/"
PAUSES = "/admin/havn/pause/"


@pytest.fixture
def staff() -> Client:
    """A browser of somebody who may do all."""
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))
    return client


def staff_with(*permissions: str) -> Client:
    """A browser of somebody who may do so much."""
    user = User.objects.create_user("bob", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, address: str, **parameters: str) -> str:
    """The text of a page."""
    answer: Any = client.get(address, parameters)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def act(client: Client, name: str, *ids: object, address: str = MESSAGES) -> Any:
    """Takes an action on some rows."""
    chosen = {"action": name, "_selected_action": [str(each) for each in ids]}
    return client.post(address, chosen, follow=True)


def enqueue(*names: object, **fields: Any) -> list[int]:
    """One message for each name; their ids."""
    with transaction.atomic():
        return [outbox.transaction(**sale(str(name), **fields)) for name in names]


def kill(message_id: int) -> None:
    """Makes a message dead, for a reason that names somebody."""
    claims = store().claim(LANES, 100, lease=60, worker="host:1")
    for claim in claims:
        state: Any = "dead" if claim.id == message_id else "pending"
        store().mark([Mark(id=claim.id, epoch=claim.epoch, state=state, error="no ann@shop.example")])


def states() -> dict[str, str]:
    """Every message's state by its key."""
    return {message.key: message.state for message in store().list()}


def test_messages_are_listed(staff: Client) -> None:
    """The list has state, kind, key, account, attempts, next try and last error, with addresses masked."""
    kill(enqueue("alive", "dead")[1])
    text = page(staff, MESSAGES)
    for column in ("standing", "kind", "shown_key", "account", "attempts", "next_try", "problem"):
        assert f"column-{column}" in text
    for shown in ("pay_alive", "pay_dead", "no a****@shop.example"):
        assert shown in text
    assert "ann@shop.example" not in text


def test_a_leased_message_is_in_delivery(staff: Client) -> None:
    """A pending message that a worker has is shown as `delivering`."""
    (message,) = enqueue("one")
    store().claim(LANES, 1, lease=60, worker="host:1")
    assert "delivering" in page(staff, f"{MESSAGES}{message}/change/")


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ({"state": "dead"}, {"pay_dead"}),
        ({"state": "pending"}, {"pay_alive"}),
        ({"kind": "user"}, set[str]()),
        ({"kind": "transaction"}, {"pay_dead", "pay_alive"}),
        ({"account": "default"}, {"pay_dead", "pay_alive"}),
        ({"q": "pay_dead"}, {"pay_dead"}),
        ({"q": "pay_"}, {"pay_dead", "pay_alive"}),
        ({"q": "dead"}, set[str]()),
    ],
)
def test_messages_are_found(staff: Client, parameters: dict[str, str], shown: set[str]) -> None:
    """The list is filtered by state, kind and account, and searched by key or its beginning."""
    kill(enqueue("alive", "dead")[1])
    text = page(staff, MESSAGES, **parameters).partition('id="result_list"')[2]
    assert {key for key in ("pay_dead", "pay_alive") if f">{key}<" in text} == shown


def test_a_message_is_shown_without_secrets(staff: Client) -> None:
    """A message's page has the payload with addresses masked, no credentials, and nothing to edit."""
    (message,) = enqueue("one", customer_email="ann@shop.example", order_key="ann@shop.example")
    text = page(staff, f"{MESSAGES}{message}/change/")
    assert "&quot;customer_email&quot;: &quot;a****@shop.example&quot;" in text
    assert "&quot;amount&quot;: 1000" in text
    assert "ann@shop.example" not in text
    assert "shop_key" not in text
    assert "shop_secret" not in text
    assert "_save" not in text
    assert "deletelink" not in text


def test_the_dead_are_retried(staff: Client) -> None:
    """Retry makes a dead message due; the admin's log says who did."""
    (message,) = enqueue("one")
    kill(message)
    assert "1 due again" in act(staff, "retry", message).content.decode()
    assert states() == {"pay_one": "pending"}
    (entry,) = LogEntry.objects.all()
    assert (entry.object_id, entry.change_message) == (str(message), "due again")
    assert entry.user.get_username() == "ann"


def test_messages_are_cancelled(staff: Client) -> None:
    """Cancel takes messages out of delivery; what a worker has at the moment is left alone, and said to be."""
    first, second = enqueue("one", "two")
    store().claim(LANES, 1, lease=60, worker="host:1")
    text = act(staff, "cancel", first, second).content.decode()
    assert "1 cancelled" in text
    assert "1 unchanged" in text
    assert states() == {"pay_one": "pending", "pay_two": "cancelled"}


def test_nobody_adds_edits_or_deletes(staff: Client) -> None:
    """Not even a superuser adds, edits or deletes a message by hand."""
    (message,) = enqueue("one")
    assert staff.get(f"{MESSAGES}add/").status_code == 403
    assert staff.get(f"{MESSAGES}{message}/delete/").status_code == 403
    assert staff.post(f"{MESSAGES}{message}/change/", {"state": "delivered"}).status_code == 403
    act(staff, "delete_selected", message)
    assert states() == {"pay_one": "pending"}


def test_who_may_only_look_changes_nothing() -> None:
    """The permission to view shows messages; actions take the permission to change."""
    (message,) = enqueue("one")
    viewer = staff_with("view_message")
    assert "pay_one" in page(viewer, MESSAGES)
    assert "pay_one" in page(viewer, f"{MESSAGES}{message}/change/")
    act(viewer, "cancel", message)
    assert states() == {"pay_one": "pending"}


def test_who_may_change_takes_actions() -> None:
    """The permission to change takes actions, and needs no other."""
    (message,) = enqueue("one")
    changer = staff_with("change_message")
    act(changer, "cancel", message)
    assert states() == {"pay_one": "cancelled"}
    assert "pay_one" in page(changer, f"{MESSAGES}{message}/change/")


def test_accounts_are_resumed(staff: Client) -> None:
    """A paused account is shown with its reason, and goes on by an action."""
    store().pause("default", "401 for ann@shop.example")
    assert "401 for a****@shop.example" in page(staff, PAUSES)
    assert "a****@shop.example" in page(staff, f"{PAUSES}default/change/")
    assert "Resumed: default" in act(staff, "resume", "default", address=PAUSES).content.decode()
    assert store().status().pauses == ()
