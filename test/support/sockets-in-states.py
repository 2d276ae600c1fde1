"""Sockets of the running kernel in many states, in the network namespace this runs in, over IPv4, IPv6 and IPv4 within IPv6. Says "ready" once they
stand so, then leaves them alone until its input ends. Nothing sends any more by then, but for timers. `python3 sockets-in-states.py`"""

import ctypes
import socket
import struct
import sys
import time

BACKLOG = 2
SO_ATTACH_FILTER = 26
kept = []


def opened(family=socket.AF_INET):
    kept.append(socket.socket(family))
    return kept[-1]


def listening(address, port, backlog, family=socket.AF_INET, **options):
    listener = opened(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if "v6only" in options:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, options["v6only"])
    listener.bind((address, port))
    listener.listen(backlog)
    return listener


def pair(listener, address, port, family=socket.AF_INET):
    client = opened(family)
    client.connect((address, port))
    server = listener.accept()[0]
    kept.append(server)
    return client, server


def overfull(address, port, family, **options):
    """More connect than nobody accepts: the accept queue fills, the rest stay half-open."""
    listening(options.pop("bound", address), port, BACKLOG, family, **options)
    for _ in range(BACKLOG + 3):
        client = opened(socket.AF_INET6 if ":" in address else socket.AF_INET)
        client.setblocking(False)
        client.connect_ex((address, port))


def deaf(address, port, family=socket.AF_INET):
    """A client whose filter (socket(7), BPF "ret 0") drops whatever comes for it."""
    client = opened(family)
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
    client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(instruction)))
    client.setblocking(False)
    client.connect_ex((address, port))


# Accept queues that are full, of each family; one listener for both.
overfull("127.0.0.1", 9502, socket.AF_INET)
overfull("::1", 9502, socket.AF_INET6)
overfull("127.0.0.1", 9503, socket.AF_INET6, bound="::", v6only=0)

# A reader that stops: receive queue and window are full, the send queue grows.
listener = listening("127.0.0.1", 9504, 8)
writer, reader = pair(listener, "127.0.0.1", 9504)
writer.setblocking(False)
try:
    while True:
        writer.send(bytes(65536))
except BlockingIOError:
    pass
six = listening("::1", 9505, 8, socket.AF_INET6)
quiet = pair(six, "::1", 9505, socket.AF_INET6)
quiet[0].sendall(b"seventeen octets.")
quiet[0].setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
mapped = listening("::", 9506, 8, socket.AF_INET6, v6only=0)
pair(mapped, "127.0.0.1", 9506)

# One end has closed: FIN-WAIT-2 that nobody holds, CLOSE-WAIT. Both have: TIME-WAIT.
half = pair(listener, "127.0.0.1", 9504)
half[0].close()
half = pair(listener, "127.0.0.1", 9504)
half[0].shutdown(socket.SHUT_WR)
over = pair(listener, "127.0.0.1", 9504)
over[1].close()
over[0].close()

# Clients that hear nothing: half-open, the one from IPv6 at a listener for both families. And a port that is taken, by a socket that does
# nothing with it.
deaf("127.0.0.1", 9504)
deaf("127.0.0.1", 9506)
deaf("127.0.0.1", 9506)
deaf("::1", 9506, socket.AF_INET6)
opened().bind(("127.0.0.1", 9507))

time.sleep(1)
print("ready", flush=True)
sys.stdin.read()
