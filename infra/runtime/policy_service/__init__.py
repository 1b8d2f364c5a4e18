"""The guard's policy service: Envoy asks it about every call before anything reaches the OCPI service."""
