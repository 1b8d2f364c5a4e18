"""The keys that are made once and kept: what was named or signed with them is asked for years later."""

from __future__ import annotations


def pseudonym_secret(environment: str) -> str:
    """The name in Secrets Manager of the key of drivers' pseudonyms (32 bytes, Base64)."""
    return f"rampart/{environment}/internal/pseudonym-key"


def receipt_secret(environment: str) -> str:
    """The name in Secrets Manager of the key that signs receipts (the seed of an Ed25519 key, Base64)."""
    return f"rampart/{environment}/internal/receipt-key"


def kept_secrets(environment: str) -> tuple[str, ...]:
    """The names of all of them."""
    return pseudonym_secret(environment), receipt_secret(environment)
