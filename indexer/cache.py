"""What is kept from one question to the next, and for how long?"""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

#: Bytes that an entry takes beside what it holds.
_OVERHEAD = 300


class Cache(Generic[T]):
    """Values made once, the latest used kept, up to about *most* bytes, as *weigh* tells them. Safe from any thread.

    Two halves: when the young one is full, it becomes the old one, and what stood there unused is let go. So to find
    a value takes no lock and moves nothing.
    """

    def __init__(self, most: int, weigh: Callable[[T], int]) -> None:
        self._half = most // 2
        self._weigh = weigh
        self._young: dict[Hashable, T] = {}
        self._old: dict[Hashable, T] = {}
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value kept under *key*, or the one that *make* makes, kept from now on; it is never None."""
        value = self.find(key)
        if value is None:
            value = make()
            self.keep(key, value)
        return value

    def find(self, key: Hashable) -> T | None:
        """The value kept under *key*, if there is one."""
        value = self._young.get(key)
        if value is None and (value := self._old.get(key)) is not None:
            self.keep(key, value)
        return value

    def keep(self, key: Hashable, value: T) -> None:
        """Keep *value* under *key* from now on, unless there is one."""
        with self._lock:
            if key not in self._young:
                self._young[key] = value
                self._bytes += self._weigh(value) + _OVERHEAD
            if self._bytes > self._half:
                self._old, self._young, self._bytes = self._young, {}, 0
