"""Calls that a type checker must refuse. Never run; an ignore that is not needed is an error itself."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

import httpx
from celery import Celery
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import havn
import havn_ext
from havn import AsyncHAVNClient, EndEvent, HAVNClient, Voucher
from havn_ext import limits, outbox, sandbox, testing
from havn_ext.integrations import celery, django, fastapi, flask

client = HAVNClient()
other = AsyncHAVNClient()

# names that there are not
_ = havn.HAVNKlient  # type: ignore[attr-defined]
_ = havn_ext.HAVNKlient  # type: ignore[attr-defined]
_ = outbox.Outbocks  # type: ignore[attr-defined]
_ = limits.RateLimitor  # type: ignore[attr-defined]
_ = testing.assert_send  # type: ignore[attr-defined]
_ = sandbox.SandboxServar  # type: ignore[attr-defined]
_ = django.outbocks  # type: ignore[attr-defined]
_ = flask.Havn  # type: ignore[attr-defined]
_ = fastapi.HAVNDependancy  # type: ignore[attr-defined]
_ = celery.KeyRange  # type: ignore[attr-defined]

# transactions
client.transactions.send(amount="1", customer_id="c")  # type: ignore[arg-type]
client.transactions.send(amount=9.99, customer_id="c")  # type: ignore[arg-type]
client.transactions.send(customer_id="c")  # type: ignore[call-arg]
client.transactions.send(1, "pay_1", "ada@example.com")  # type: ignore[call-arg]
client.transactions.send(1, custom_fields={"a": []})  # type: ignore[dict-item]
client.transactions.send(1, amonut=1)  # type: ignore[call-arg]

# users
client.users.sync("ada@example.com")  # type: ignore[call-arg]
client.users.sync_bulk("ada@example.com")  # type: ignore[arg-type]
client.users.sync_bulk([1])  # type: ignore[list-item]

# vouchers
client.vouchers.get_all(colour="red")  # type: ignore[call-arg]
client.vouchers.get_all(type="PERCENT")  # type: ignore[arg-type]
client.vouchers.get_all(sort_by="price")  # type: ignore[arg-type]
client.vouchers.validate(1)  # type: ignore[arg-type]
client.vouchers.get_combined([Voucher()])  # type: ignore[arg-type]

# results
client.auth.login("ada@example.com").redirect_url()  # type: ignore[attr-defined]
other.auth.login("ada@example.com").upper()  # type: ignore[attr-defined]
Voucher().code = "A"  # type: ignore[misc]

# building
HAVNClient(http_client=httpx.AsyncClient())  # type: ignore[arg-type]
AsyncHAVNClient(http_client=httpx.Client())  # type: ignore[arg-type]
HAVNClient(rates={"IDR": 0.5})  # type: ignore[dict-item]
HAVNClient(retry=3)  # type: ignore[arg-type]
client.with_options(api_key="other")  # type: ignore[call-arg]


# hooks
def on_end(event: EndEvent) -> None:
    """Is told of the end of a call."""
    event.status = 200  # type: ignore[misc]
    _ = event.body  # type: ignore[attr-defined]


HAVNClient(on_end=on_end, on_retry=on_end)  # type: ignore[arg-type]
HAVNClient(hooks=on_end)  # type: ignore[arg-type]
client.with_options(on_request="log")  # type: ignore[arg-type]


# the outbox
async def enqueue(session: Session, other_session: AsyncSession, store: outbox.Store) -> None:
    """Enqueues and delivers as it can't be done."""
    sale = outbox.Outbox()
    sale.transaction("session", 1)  # type: ignore[arg-type]
    sale.transaction(session, 9.99)  # type: ignore[arg-type]
    sale.transaction(session, 1, customer="c_1")  # type: ignore[call-arg]
    sale.transaction(other_session, 1)  # type: ignore[arg-type]
    await outbox.AsyncOutbox().user(session, "ada@example.com", "Ada")  # type: ignore[arg-type]
    store.list(state="sent")  # type: ignore[arg-type]
    outbox.Worker(store, outbox.ClientSender(), concurency=2)  # type: ignore[call-arg]
    outbox.Worker(store, limiter=None)  # type: ignore[call-arg]
    outbox.ClientSender({"default": {"apikey": "key"}})  # type: ignore[typeddict-unknown-key]
    django.outbox.transaction(session, 1)  # type: ignore[arg-type]


# limits
limits.Limit("20")  # type: ignore[arg-type]
limits.RateLimiter(limits.AsyncMemoryStore())  # type: ignore[arg-type]
limits.AsyncRateLimiter(limits.MemoryStore())  # type: ignore[arg-type]


# tests
def test(company: testing.SandboxCompany) -> None:
    """Makes clients that there are not."""
    company.client(timeout="1")  # type: ignore[arg-type]
    company.client(api_key="other")  # type: ignore[call-arg]
    company.client(http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    company.async_client(http_client=httpx.Client())  # type: ignore[arg-type]
    sandbox.SandboxConfig(seed="large")  # type: ignore[arg-type]


# integrations
celery.configure(Celery(), concurency=2)  # type: ignore[call-arg]
celery.configure(Celery(), sender=outbox.ClientSender())  # type: ignore[arg-type]
fastapi.havn_lifespan(HAVNClient)  # type: ignore[arg-type]
flask.HAVN("shop")  # type: ignore[arg-type]
