"""TLS on the wire: hellos, records, handshakes and code points. No judgement, no policy."""
