"""TLS servers on loopback, good and misconfigured, for the TLS audit."""
