"""The onboarding of a partner: programs judge what they can, people sign the rest, an attestation ends it."""
