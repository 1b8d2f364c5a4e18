"""Mutation: weakenings of our stack, and of the product code, that checks and tests must notice."""
