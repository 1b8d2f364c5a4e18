"""A run in NIST's OSCAL 1.2.1: catalogue, components, mappings, assessment results, plan of action."""
