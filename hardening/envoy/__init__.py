"""The guard's Envoy configuration."""
