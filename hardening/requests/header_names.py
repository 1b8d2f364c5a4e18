"""The names that Envoy, the policy service and the OCPI service share."""

from __future__ import annotations

# The guard tells the service who calls; what a peer sends under these names is dropped.
PARTNER_HEADER = "x-rampart-partner"
KIND_HEADER = "x-rampart-token-kind"
# The digest of the token that a call came with: told to the credentials module alone.
TOKEN_HEADER = "x-rampart-token"  # noqa: S105  (a name)
# What a message that must not count twice has again, when it comes again (`idempotency`).
IDEMPOTENCY_HEADER = "x-rampart-idempotency-key"
# And proves that it was the guard who told (`hardening.requests.hop_signature`).
HOP_SIGNATURE_HEADER = "x-rampart-signature"
# Envoy tells the policy service where a call came from.
SOURCE_HEADER = "x-rampart-source"
# ... and, in PEM, which client certificate its connection showed.
CERTIFICATE_HEADER = "x-rampart-client-certificate"
# Of a long body Envoy asks twice: before it reads it, with the length that was announced (0: none was) ...
LENGTH_HEADER = "x-rampart-length"
# ... and with the body, of what was then admitted.
ADMITTED_HEADER = "x-rampart-admitted"
# The policy service's status for "refused, with HTTP 200 and an OCPI error": 200 itself would mean
# "let it through". Envoy maps it back; where it would not, the call is still refused.
OCPI_ERROR_MARK = 422

# What the guard says when it refuses: who has no token learns only that; who has one may know the control.
UNAUTHENTICATED = "authentication required"
REFUSED = "refused"
