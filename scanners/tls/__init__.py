"""The TLS audit: endpoints are audited, what they answered is recorded, and checks judge the record."""
