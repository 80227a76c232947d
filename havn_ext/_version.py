"""The version of the SDK; a test holds it to pyproject.toml."""

__version__ = "2.0.0.dev0"
