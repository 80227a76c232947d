"""The memory that streaming users through `sync_many` takes, as a process's peak.

Not `getrusage`: on Linux its `ru_maxrss` begins with the peak of the process that started this one, so that
every program smaller than the benchmark would seem to take as much as the benchmark itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

from bench.figures import Unavailable
from bench.programs import output

PROGRAM: Final = """
import re, sys
import httpx
from bench.payloads import BATCH, USERS_ANSWER
from havn import HAVNClient

class NoNetwork(httpx.BaseTransport):
    def handle_request(self, request):
        return httpx.Response(200, stream=httpx.ByteStream(USERS_ANSWER))

count = int(sys.argv[1])
users = ({"email": f"user{n}@example.com", "name": f"User {n}"} for n in range(count))
with httpx.Client(transport=NoNetwork()) as http_client:
    client = HAVNClient("key", "secret", base_url="http://127.0.0.1", http_client=http_client)
    report = client.users.sync_many(users, batch_size=BATCH).finish()
assert (report.succeeded, len(report.failures)) == (count, 0), report
with open("/proc/self/status") as status:
    print(re.search(r"VmHWM:\\s*(\\d+) kB", status.read())[1])
"""

KIB_IN_MIB: Final = 1024


def peak_of(users: int) -> float:
    """MiB at the peak of a process that streams so many users over a transport that answers at once.

    Raises:
        Unavailable: The system does not tell.
    """
    if not Path("/proc/self/status").exists():
        raise Unavailable("only Linux tells the peak of one program")
    return cast("int", output(PROGRAM, str(users))) / KIB_IN_MIB
