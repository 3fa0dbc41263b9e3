"""The address the API listens on."""

import contextlib
import errno
import socket
from typing import Final

from service.settings import Settings

# Whoever vanishes without closing, a telephone in a lift, leaves unanswered what he is sent. The
# system alone repeats that for a quarter of an hour, and his streams count against him meanwhile.
VANISHED_MILLISECONDS: Final = 30_000
# Taken, or one that only root may take.
_OF_THE_PORT: Final = (errno.EADDRINUSE, errno.EACCES)


class AddressUnusable(Exception):
    """Another program listens on the port, or the address is none of this machine's."""


def listening(settings: Settings) -> socket.socket:
    """Take the address before anything is started, so that a taken port touches nothing.

    Raises:
        AddressUnusable: in a sentence for the operator.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Every connection has it from the socket that it came to; where the system is no Linux, none.
    with contextlib.suppress(AttributeError, OSError):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_MILLISECONDS)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        place = f"{settings.host}:{settings.port}"
        mended = (
            "set BAILIWICK_PORT to a free port"
            if error.errno in _OF_THE_PORT
            else "set BAILIWICK_HOST to an address of this machine"
        )
        raise AddressUnusable(
            f"{place} cannot be listened on ({error.strerror}); {mended}."
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Return what a browser is told to open."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
