"""Between Envoy and the OCPI service: each message counts once, and only the asker's objects leave."""
