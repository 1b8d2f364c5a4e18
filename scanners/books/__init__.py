"""The books: what stores say of tokens, held against what was promised."""
