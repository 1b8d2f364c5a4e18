"""What is asked of every call, one module for each question."""
