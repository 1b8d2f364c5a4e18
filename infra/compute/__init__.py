"""What runs: containers, functions and their code."""
