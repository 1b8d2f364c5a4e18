"""Reconciliation: sessions, CDRs, tokens, tariffs and a counterpart's statement held against each other."""
