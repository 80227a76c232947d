"""How the outbox's tables come about."""
