"""How does text become bytes, and bytes text?

Lone surrogates are let through: ids hold them, of files whose names are not UTF-8.
"""


def encoded(text: str) -> bytes:
    """*text* as UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    """What `encoded` made *data* of."""
    return data.decode("utf-8", "surrogatepass")
