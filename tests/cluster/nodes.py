"""How does a real cluster of OpenSearch run here, for tests?

    python -m tests.cluster.nodes up [NODES] | down

Each node is a process of Java of its own, on loopback alone, with half a gigabyte of heap. There is no password and no
TLS, so it must never listen elsewhere. Its files are in memory where there is /dev/shm, since each change of a cluster
waits for a disk many times. `up` waits until the cluster is green; `down` stops its nodes, each by its number.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

HERE = Path(__file__).parent
JARS = HERE.parent.parent / ".venv" / "cluster"
SEEMS_UP, FOLDER = 120, Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"postsearch-cluster-{os.getuid()}"
SETTINGS = (
    "indices.breaker.total.use_real_memory=false",  # with so little memory, what is garbage already would count
    "script.context.similarity.max_compilations_rate=100000/1m",  # each build has a script of its own
)

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


@dataclass(frozen=True)
class Java:
    """A JDK."""

    home: Path

    @cached_property
    def version(self) -> int:
        """Its first number; 0 if it does not run, or cannot compile."""
        with suppress(OSError, ValueError, IndexError, subprocess.CalledProcessError):
            told = subprocess.run(
                [self.home / "bin" / "javac", "--version"], capture_output=True, text=True, check=True
            )
            return int(told.stdout.split()[1].partition(".")[0])
        return 0

    @property
    def runner(self) -> str:
        """The version of OpenSearch's runner that it runs."""
        return "3.8.0.0" if self.version >= 21 else "2.19.1.0"


def javas() -> Iterator[Java]:
    """Those of this machine."""
    if "JAVA_HOME" in os.environ:
        yield Java(Path(os.environ["JAVA_HOME"]))
    yield from map(Java, sorted(Path("/usr/lib/jvm").glob("*")))
    if javac := shutil.which("javac"):
        yield Java(Path(javac).resolve().parent.parent)


def fetch(java: Java) -> Path:
    """The folder with OpenSearch's jars, from Maven's repository; once."""
    jars = JARS / java.runner
    if not (jars / "whole").exists():
        if not shutil.which("mvn"):
            raise SystemExit("Maven is missing here. On Debian or Ubuntu, run: sudo apt-get install -y maven")
        print(f"Fetching OpenSearch {java.runner}", flush=True)
        command = ["mvn", "-q", "-B", f"-Drunner={java.runner}", PLUGIN, "-DincludeScope=runtime"]
        subprocess.run([*command, f"-DoutputDirectory={jars}"], cwd=HERE, check=True)
        (jars / "whole").touch()
    return jars


@dataclass(frozen=True)
class Node:
    """One of several nodes: the *number*th, from 1."""

    number: int
    of: int

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{9200 + self.number}"

    @property
    def _pid(self) -> Path:
        return FOLDER / f"n{self.number}.pid"

    def start(self, *settings: str) -> None:
        """Start it; what it held before, it holds again."""
        java = max(javas(), key=lambda one: one.version, default=Java(Path()))
        if java.version < 17:
            raise SystemExit(
                "A JDK is missing here. On Debian or Ubuntu, run: sudo apt-get install -y default-jdk-headless"
            )
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        names, seeds = ([f"{kind}{one}" for one in range(1, self.of + 1)] for kind in ("n", "127.0.0.1:930"))
        told = [f"n{self.number}", f"{9200 + self.number}", f"{9300 + self.number}", ",".join(seeds), ",".join(names)]
        command = [java.home / "bin" / "java", *_flags(java), "-cp", f"{fetch(java)}/*", HERE / "Node.java", *told]
        with (FOLDER / f"n{self.number}.log").open("a") as log:
            started = subprocess.Popen(
                [*map(str, command), str(FOLDER / f"n{self.number}"), *SETTINGS, *settings],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._pid.write_text(str(started.pid))

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> None:
        """Stop it, and wait until it is gone."""
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            pid = int(self._pid.read_text())
            if "Node.java" in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, kind)
                while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
                    sleep(0.1)
        self._pid.unlink(missing_ok=True)


def _flags(java: Java) -> list[str]:
    flags = "-Xms512m -Xmx512m -Xss1m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxDirectMemorySize=128m"
    flags += (
        " --add-opens=java.base/java.nio=ALL-UNNAMED -Dlog4j2.disable.jmx=true -Dio.netty.allocator.numDirectArenas=1"
    )
    flags += " --enable-native-access=ALL-UNNAMED" if java.version >= 21 else ""
    return (flags + (" --sun-misc-unsafe-memory-access=allow" if java.version >= 23 else "")).split()


def up(count: int, *settings: str) -> list[Node]:
    """Start so many nodes, and wait until they are one cluster and green."""
    nodes = [Node(number, count) for number in range(1, count + 1)]
    for node in nodes:
        node.start(*(settings or ("cluster.routing.allocation.disk.threshold_enabled=false",)))
    wait(count)
    return nodes


def wait(count: int, address: str = "http://127.0.0.1:9201") -> None:
    """Wait until so many nodes are one cluster and green."""
    asked = f"{address}/_cluster/health?wait_for_nodes={count}&wait_for_status=green&timeout=5s"
    end = monotonic() + SEEMS_UP
    while monotonic() < end:
        with suppress(URLError, OSError), urlopen(asked, timeout=10) as answer:
            if answer.status == 200:
                return
        sleep(0.5)
    raise SystemExit(f"The cluster is not up after {SEEMS_UP} seconds; {FOLDER}/*.log say why")


def down() -> None:
    """Stop all nodes that run here, and remove what they held."""
    for number in range(1, 10):
        Node(number, 1).stop()
    shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["up", *given]:
            up(int(given[0]) if given else 3)
        case ["down"]:
            down()
        case _:
            raise SystemExit(__doc__)
