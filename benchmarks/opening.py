"""What does it take to open one index, and to answer from it? `size.py` runs this in a fresh process.

    python -m benchmarks.opening MODULE CLASS FOLDER QUESTIONS.json

Prints one line of JSON: milliseconds and bytes of memory.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.memory import private, resident


def main() -> None:
    """Open, ask, and print what it took."""
    module, kind, folder, questions = sys.argv[1:]
    peer = getattr(import_module(module), kind)(Path(folder))
    found = {"loaded": private()}
    started = perf_counter()
    peer.open()
    found |= {"ms": (perf_counter() - started) * 1000, "opened": private(), "opened resident": resident()}
    for question, text in json.loads(Path(questions).read_text("utf-8")):
        peer.ask(question, text)
    found |= {"asked": private(), "asked resident": resident()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
