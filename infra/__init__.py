"""The Pulumi program, its deployment, and the lab. Imports `hardening`, never `scanners`."""
