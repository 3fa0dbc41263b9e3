"""The address the API listens on."""

import socket

from service.settings import Settings


class PortTaken(Exception):
    """Another program listens on the address."""


def listening(settings: Settings) -> socket.socket:
    """Take the address before anything is started, so that a taken port touches nothing.

    Raises:
        PortTaken: in a sentence for the operator.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        place = f"{settings.host}:{settings.port}"
        raise PortTaken(
            f"{place} cannot be listened on ({error.strerror}); set BAILIWICK_PORT to a free port."
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Return what a browser is told to open."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
