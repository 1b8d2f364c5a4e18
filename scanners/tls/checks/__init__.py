"""The checks on what a handshake audit saw."""
