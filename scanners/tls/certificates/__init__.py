"""Reads certificates and OCSP responses: their facts, their trust, the names that they cover."""
