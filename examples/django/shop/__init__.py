"""A small shop that lives by recommendation."""
