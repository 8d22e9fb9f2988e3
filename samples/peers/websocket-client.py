"""A WebSocket client (the websockets package) for one of several conversations.

usage: websocket-client.py plain|deflate|told|lost|refused
"""
import asyncio
import os
import sys

import websockets

URL = "ws://chat.example/chat"


async def plain():
    """Text, binary, a message in three fragments, a ping; the client closes."""
    async with websockets.connect(URL, compression=None, ping_interval=None) as ws:
        for message in ("hello", b"\x00\x01\x02" * 100, ["in ", "three ", "parts"]):
            await ws.send(message)
            await ws.recv()
        await (await ws.ping(b"are you there"))
        await asyncio.sleep(0.6)  # the server pings twice meanwhile


async def deflate():
    """A long text, compressed as both have agreed; a short one, not compressed."""
    async with websockets.connect(URL, ping_interval=None) as ws:
        await ws.send("to and fro " * 200)
        await ws.recv()
        await ws.send("short")
        await ws.recv()


async def told():
    """The server closes first, with a code of its own."""
    async with websockets.connect(URL, compression=None, ping_interval=None) as ws:
        await ws.send("leave")
        await ws.wait_closed()


async def lost():
    """The client's process ends without a Close frame."""
    ws = await websockets.connect(URL, compression=None, ping_interval=None)
    await ws.send("hello")
    await ws.recv()
    os._exit(0)


async def refused():
    """The server does not know the path: 400 instead of 101."""
    try:
        await websockets.connect(URL + "/nowhere", compression=None)
    except websockets.InvalidStatusCode as error:
        print("status", error.status_code)


asyncio.run(globals()[sys.argv[1]]())
