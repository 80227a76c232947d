"""The inspector: a web page at `/` that shows what the sandbox was asked, what it answered, and why.

Rendered on the server; a browser without JavaScript misses live updates, copying and the keyboard only.
Jinja2 is loaded with the first page, so that the sandbox starts as fast as without.
"""

from havn_ext.sandbox.inspector.routing import routes

__all__ = ["routes"]
