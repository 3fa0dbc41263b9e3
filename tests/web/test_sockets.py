"""Sockets of strangers: whoever says too much, or takes nothing, costs nobody else anything."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from service.web import sockets
from service.web.sockets import MOST_FRAMES, MOST_PIECES, PatientSocket
from tests.web.test_patience import SOON, Client, serving

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MORE, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10
POLICY = 1008


async def talk(scope: Any, receive: Any, send: Any) -> None:
    """Tell how long each message was; at `much` say more than a socket holds, and close.

    Nobody is let in at `/never`.
    """
    await receive()
    if scope["path"] == "/never":
        assert (await receive())["type"] == "websocket.disconnect"
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "much":
            await send({"type": "websocket.send", "bytes": b"x" * 50_000_000})
            return
        await send({"type": "websocket.send", "text": str(len(message["text"]))})


def frame(kind: int, said: bytes = b"", *, last: bool = True) -> bytes:
    """Write a client's frame, under a mask of nothing."""
    length = (
        bytes([0x80 | len(said)]) if len(said) < 126 else b"\xfe" + struct.pack("!H", len(said))
    )
    return bytes([last << 7 | kind]) + length + bytes(4) + said


async def heard(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the kind of the server's next frame, and what it says."""
    kind, length = await reader.readexactly(2)
    return kind & 0xF, await reader.readexactly(length)


@asynccontextmanager
async def opened(**patience: float) -> AsyncIterator[tuple[Client, PatientSocket]]:
    """Open a socket; gives it, and the server's end of it."""
    async with serving(talk, **patience) as client, asyncio.timeout(20):
        reader, writer, connections = client
        writer.write(UPGRADE)
        assert b"101" in await reader.readuntil(b"\r\n\r\n")
        (ours,) = connections
        yield client, ours


async def test_pings_whose_answers_nobody_reads_are_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sockets, "MOST_FRAMES", 1_000_000)
    ping = frame(PING, b"x" * 125)
    async with opened() as ((reader, writer, _), ours):
        writer.write(ping)
        assert await heard(reader) == (PONG, b"x" * 125)
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # a client who does not read
        most = 0
        for _ in range(100):
            writer.write(ping * 1_000)
            await writer.drain()
            most = max(most, ours.transport.get_write_buffer_size())

        # What may stand unread, and the answers to what is read at once.
        assert most < 200_000


async def test_a_message_comes_in_some_pieces_and_not_in_any_number() -> None:
    async with opened() as ((reader, writer, _), _ours):
        writer.write(frame(TEXT, b"a", last=False))
        writer.write(frame(MORE, b"b", last=False) * (MOST_PIECES - 2) + frame(MORE, b"c"))
        assert await heard(reader) == (TEXT, str(MOST_PIECES).encode())
        writer.write(frame(TEXT, b"a", last=False))
        writer.write(frame(MORE, b"b", last=False) * (MOST_PIECES - 1) + frame(MORE, b"c"))

        assert await heard(reader) == (CLOSE, struct.pack("!H", POLICY) + b"Too many pieces")
        assert await reader.read() == b""


async def test_so_many_frames_at_a_time_are_read_and_then_as_many_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pong = frame(PONG)
    async with opened() as ((reader, writer, _), ours):
        # The upgrade counts as one.
        writer.write(pong * (MOST_FRAMES - 2) + frame(PING, b"last"))
        assert await heard(reader) == (PONG, b"last")
        monkeypatch.setattr(ours, "_frames_since", -sockets.FRAMES_SECONDS)
        writer.write(pong * (MOST_FRAMES - 1) + frame(PING, b"again"))
        assert await heard(reader) == (PONG, b"again")
        writer.write(pong * 2)

        assert await heard(reader) == (CLOSE, struct.pack("!H", POLICY) + b"Too many frames")
        assert await reader.read() == b""


async def test_who_says_too_much_before_he_is_let_in_is_closed() -> None:
    async with serving(talk) as (reader, writer, connections), asyncio.timeout(20):
        writer.write(UPGRADE.replace(b"GET /", b"GET /never"))
        while not any(isinstance(one, PatientSocket) for one in connections):
            await asyncio.sleep(0)
        writer.write(frame(PING) * MOST_FRAMES)

        assert await reader.read() == b""
        assert not connections


async def test_what_nobody_takes_of_a_closed_line_is_thrown_away() -> None:
    async with opened(closing=SOON) as ((reader, writer, connections), _ours):
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # a client who does not read
        writer.write(frame(TEXT, b"much"))

        while connections:
            await asyncio.sleep(0)
