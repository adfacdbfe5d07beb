"""What comes only if asked for. Nothing here is needed by the rest, which knows it by its entry points alone.

Each module stands on a package that a plain installation does not bring, or serves a few sites. It is free to
import from `indexer` and `server`; from here, nothing is imported there.
"""
