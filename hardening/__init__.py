"""What is promised and decided: controls, checks, and the policy layer that refuses OCPI calls.

Pure: no network, no AWS, no clock of its own. Imports neither `infra` nor `scanners`.
"""
