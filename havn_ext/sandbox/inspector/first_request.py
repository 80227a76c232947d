"""How to send the first request: what the page says while the log is empty."""

from __future__ import annotations

from typing import Final

import attrs

from havn_ext.signing import EMPTY_BODY, sign

__all__ = ["FirstRequest"]

_KEY: Final = "test_first"
_SECRET: Final = "test_first_secret"  # noqa: S105  any key that begins with test_ has its secret by this rule


@attrs.frozen
class FirstRequest:
    """Two programs that work as they stand, against the sandbox at `base_url`."""

    base_url: str

    @property
    def curl(self) -> str:
        """A list of vouchers, for a shell."""
        return (
            f"curl -H 'X-API-Key: {_KEY}' -H 'X-Signature: {sign(EMPTY_BODY, _SECRET)}' "
            f"{self.base_url}/api/v1/webhook/vouchers"
        )

    @property
    def python(self) -> str:
        """A user sync."""
        return (
            "from havn import HAVNClient\n"
            f'client = HAVNClient("{_KEY}", "{_SECRET}", base_url="{self.base_url}")\n'
            'print(client.users.sync("ada@example.com", "Ada Lovelace"))'
        )
