"""The service: speaks HTTP for an index, to programs and to people."""
