"""A partner's OCPI platform in a process of its own, over HTTPS, which behaves as badly as it is told to."""
