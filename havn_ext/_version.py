"""The version of the SDK; a test holds it to pyproject.toml."""

__version__ = "2.0.0.dev0"
"""Of the SDK, as on the package index."""
