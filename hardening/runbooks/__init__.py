"""Runbooks: what people do about an incident of an OCPI deployment, as commands and named decisions."""
