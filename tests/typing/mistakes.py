"""Calls that a type checker must refuse. Never run; an ignore that is not needed is an error itself."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

import httpx

from havn import AsyncHAVNClient, EndEvent, HAVNClient, Voucher

client = HAVNClient()
other = AsyncHAVNClient()


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
