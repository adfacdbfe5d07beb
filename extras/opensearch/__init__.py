"""The engine for a cluster: the posts in OpenSearch, on machines of their own. It comes with the extra `opensearch`."""

from indexer import Engine, Settings


def open_engine(settings: Settings) -> Engine:
    """The engine on the cluster that *settings* name. Nothing is read or written before it is asked."""
    from extras.opensearch.cluster import Cluster
    from extras.opensearch.engine import OpenSearchEngine

    return OpenSearchEngine(Cluster.of(settings), settings.index)
