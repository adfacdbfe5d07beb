"""How does a worker that nobody asks anything notice a new generation?"""

from contextlib import suppress
from threading import Thread
from time import sleep

from indexer import PostsearchError, Searchable

#: Seconds from look to look.
EVERY = 0.5


def follow(engine: Searchable) -> None:
    """Look for a new generation again and again, in a thread of its own, for as long as the process runs.

    A worker without questions would go on holding posts that are public no more.
    """
    Thread(target=_look, args=(engine,), name="following", daemon=True).start()


def _look(engine: Searchable) -> None:
    while True:
        with suppress(PostsearchError):
            _ = engine.generation
        sleep(EVERY)
