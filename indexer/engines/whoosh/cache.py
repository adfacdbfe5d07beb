"""Which arrays are kept from one question to the next?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

_OVERHEAD = 300
"""Bytes that an entry takes beside its arrays."""


class Cache(Generic[T]):
    """Values made once, the latest used kept, up to *most* bytes, as *weigh* tells them. Safe from any thread."""

    def __init__(self, most: int, weigh: Callable[[T], int]) -> None:
        self._most = most
        self._weigh = weigh
        self._bytes = 0
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value kept under *key*, or the one that *make* makes, kept from now on."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = value
                self._bytes += self._weigh(value) + _OVERHEAD
            while self._bytes > self._most and len(self._kept) > 1:
                _, old = self._kept.popitem(last=False)
                self._bytes -= self._weigh(old) + _OVERHEAD
        return value
