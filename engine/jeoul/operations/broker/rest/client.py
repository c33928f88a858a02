"""The connection to one host: each request bounded, paced, and after a failure on a new line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx

from jeoul.operations.broker.rest.http import NoAnswer, Reply, exchange
from jeoul.operations.setup.clock import Clock


class Client:
    """Requests to one address; ``timeout`` bounds one as a whole, in seconds."""

    def __init__(self, address: str, timeout: float, clock: Clock) -> None:
        self.address = address
        self.timeout = timeout
        self.clock = clock
        self.client = self._new()
        self._last: float | None = None

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def keep_pace(self, gap: float) -> None:
        """Wait until ``gap`` seconds have passed since the last request."""
        if self._last is not None:
            since = self.clock.now() - self._last
            if since < gap:  # below zero where the clock was set back
                self.clock.wait(min(gap, gap - since))
        self._last = self.clock.now()

    def send(self, method: str, path: str, headers: Mapping[str, str], **content: Any) -> Reply:
        """Send one request, once; raises :class:`NoAnswer`."""
        client = self.client
        request = client.build_request(method, path, headers=dict(headers), **content)
        try:
            return exchange(client, request, self.timeout)
        except NoAnswer as error:
            if error.sent:  # perhaps still at work there: its connection is not used again
                self.client = self._new()
                if error.__cause__ is not None:
                    client.close()
            raise

    def _new(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.address,
            verify=_certificates(),
            timeout=httpx.Timeout(self.timeout, connect=self.timeout / 2),
            headers={"accept-encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )


@cache
def _certificates() -> SSLContext:
    """Return the authorities that are trusted; reading them takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)
