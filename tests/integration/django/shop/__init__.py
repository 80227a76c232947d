"""A small shop on Django, which has an outbox."""
