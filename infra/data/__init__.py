"""Data: tables, buckets, secrets and the keys that encrypt them."""
