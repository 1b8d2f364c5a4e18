"""A sample stack that passes every stack check, and ways to weaken one property of it."""
