"""`python -m indexer`: the command line without the server."""

from indexer.cli import main

if __name__ == "__main__":
    main()
