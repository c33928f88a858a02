"""The server: a socket on this machine, and the application on it until it is stopped."""

from __future__ import annotations

import socket as sockets
from collections.abc import Callable, Iterable

import uvicorn

from jeoul.errors import UsageError
from jeoul.web.access import TOKEN, Access, hosts_of
from jeoul.web.app import create_app
from jeoul.web.place import ServedFiles
from jeoul.web.shared import Serving

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def listen(host: str, port: int) -> sockets.socket:
    """Return a socket that listens on an address; port 0 takes a free one.

    Raises :class:`~jeoul.errors.UsageError` for an address that cannot be had.
    """
    family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
    found = sockets.socket(family, sockets.SOCK_STREAM)
    try:
        found.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise UsageError(
            f"{host} port {port} cannot be had: {error.strerror}; choose another --port"
        ) from None
    return found


def serve_forever(
    place: ServedFiles,
    socket: sockets.socket,
    *,
    language: str,
    names: Iterable[str],
    ready: Callable[[str], None],
    said: Callable[[str], None],
) -> None:
    """Serve until the process is stopped; ``ready`` gets the address when pages are answered.

    No request is logged, neither here nor by the library: the first address has the token.
    """
    host, port = socket.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    access = Access(port, hosts_of(port, [*names, *({shown} - set(LOOPBACK))]))
    app = create_app(Serving(place, access, language))
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=5,
        limit_concurrency=64,
    )
    if shown not in LOOPBACK or host != shown:
        said("open_to_network")
    address = f"http://{_in_url(shown)}:{port}/?{TOKEN}={access.invite()}"
    _Server(config, lambda: ready(address)).run(sockets=[socket])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[sockets.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
