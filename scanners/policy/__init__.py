"""The policy scan: the declared stack, judged by our own checks and by checkov's."""
