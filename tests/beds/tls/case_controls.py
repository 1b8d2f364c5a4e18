"""The controls that the cases with a flaw in TLS itself must fail, by a short name."""

from __future__ import annotations

OLD, SUITES = "tls-old-versions-refused", "tls-suites-forward-secret-aead"
GROUPS, SIGNATURES = "tls-groups-strong", "tls-signatures-strong"
ANSWERS, DH = "tls-endpoint-answers", "tls-dh-prime-large"
REQUIRED = "tls-required-versions-offered"
