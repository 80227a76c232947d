"""Keeps the shop's tests out of this process, which has no Django settings: `test_shop` runs them in another."""

from __future__ import annotations

import os

collect_ignore = [] if "HAVN_SHOP_DATABASE" in os.environ else ["cases", "shop"]
