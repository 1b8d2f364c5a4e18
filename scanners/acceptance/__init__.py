"""Acceptance: a deployed environment, used as a partner would use it."""
