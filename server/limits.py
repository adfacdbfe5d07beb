"""Who has asked so much that others would have to wait?"""

from functools import lru_cache
from ipaddress import ip_address, ip_network
from time import monotonic

from indexer import Settings
from server.reply import Environ

#: Of how many clients it is known how much they asked; those that were silent for the longest time are forgotten.
MOST_CLIENTS = 16_384


class Limits:
    """Each client has a bucket of `rate_burst` tokens, which fills at `rate_limit` a second; a request takes one."""

    def __init__(self, settings: Settings) -> None:
        self._rate, self._burst, self._proxies = settings.rate_limit, settings.rate_burst or 1, settings.trusted_proxies
        self._bucket = lru_cache(MOST_CLIENTS)(lambda client: [float(self._burst), monotonic()])

    def wait(self, environ: Environ) -> float:
        """In how many seconds the client may ask; 0 if it may now, which counts."""
        if not self._rate or not (client := self._client(environ)):
            return 0.0
        bucket, now = self._bucket(client), monotonic()
        left = min(self._burst, bucket[0] + (now - bucket[1]) * self._rate)
        if left < 1:
            return (1 - left) / self._rate
        bucket[:] = left - 1, now
        return 0.0

    def _client(self, environ: Environ) -> str:
        """The address that the outermost proxy of ours was asked from, or this process; empty if nobody counts."""
        written = environ.get("HTTP_X_FORWARDED_FOR", "") if self._proxies else ""
        hops = [hop for part in written.split(",") if (hop := part.strip())]
        if hops and len(hops) >= self._proxies:
            return _network(hops[-self._proxies][:64])
        # The operator's own machines, among them any proxy that the settings do not tell of, speak for many.
        return _network(environ.get("REMOTE_ADDR", ""), is_peer=True)


@lru_cache(4096)
def _network(address: str, *, is_peer: bool = False) -> str:
    """What one client has to itself: an address of IPv4, or a network of IPv6."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "" if is_peer else "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if is_peer and not ip.is_global:
        return ""
    return str(ip) if ip.version == 4 else str(ip_network((int(ip), 64), strict=False))
