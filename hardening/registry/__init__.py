"""The partner registry: who may call us, as whom, for what, and where we may call them."""
