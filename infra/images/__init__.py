"""The container images: what is in each, how it is built, pushed and pinned."""
