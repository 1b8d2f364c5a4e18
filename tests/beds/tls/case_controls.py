"""The controls that the cases with a flaw in TLS itself must fail, by a short name."""

from __future__ import annotations

OLD, SUITES = "tls-old-versions-refused", "tls-suites-forward-secret-aead"
GROUPS, SIGNATURES = "tls-groups-strong", "tls-signatures-strong"
ANSWERS, DH = "tls-endpoint-answers", "tls-dh-prime-large"
FALLBACK, ORDER = "tls-fallback-refused", "tls-server-order-strong"
RENEGOTIATION, TOLERATED = "tls-client-renegotiation-off", "tls-hellos-tolerated"
RESUMPTION, RESUMED_NAME = "tls-resumption-strong", "tls-resumption-keeps-name"
# What cannot be seen of a server with which no handshake of TLS 1.2 can be completed.
UNFINISHED = (RENEGOTIATION, RESUMPTION)
TICKETS, ATTACKS = "tls-tickets-short", "tls-known-attacks-fail"
REQUIRED = "tls-required-versions-offered"
