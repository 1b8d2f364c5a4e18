"""The credentials module in front of any OCPI service, and where tokens are kept without AWS."""
