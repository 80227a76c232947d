"""`python -m havn_ext.sandbox` is `havn sandbox`."""

from __future__ import annotations

import sys

from havn_ext.sandbox.command import main

sys.exit(main())
