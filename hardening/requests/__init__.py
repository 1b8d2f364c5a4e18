"""An OCPI call as it reaches the guard or the authorizer, and the decision that it gets."""
