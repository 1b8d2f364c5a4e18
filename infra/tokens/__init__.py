"""Credentials tokens by hand: issued, looked at, rotated and revoked, in the store of an environment."""
