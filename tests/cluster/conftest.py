"""These tests want a real cluster: `make test-cluster` starts one."""

from tests.engines.conftest import CLUSTER

collect_ignore_glob = [] if CLUSTER else ["test_*.py"]
