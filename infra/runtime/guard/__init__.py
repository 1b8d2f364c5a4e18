"""The standalone guard: Envoy and the policy service before any OCPI service, without AWS."""
