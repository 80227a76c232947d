"""`python -m havn_ext.cli`: the command `havn`, where its script is not on the path."""

from __future__ import annotations

import sys

from havn_ext.cli import main

sys.exit(main())
