"""Lives of TCP connections on the loopback interface, both ends in this process. After each step it prints what the kernel
says of both ends (TCP_INFO) as a line of JSON. `python3 both-ends.py SCENARIO PORT`"""

import json
import socket
import struct
import sys
import time

STATES = [
    "", "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED", "CLOSE-WAIT", "LAST-ACK",
    "LISTEN", "CLOSING",
]
SETTLED = 0.05  # seconds after which nothing is under way any more; longer than the longest delayed ACK (40 ms)


def info(sock):
    # struct tcp_info of <linux/tcp.h>: bytes_acked at 120, segs_out at 136, data_segs_in at 152.
    raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    acked, received, segs_out, segs_in = struct.unpack_from("=QQII", raw, 120)
    data_in, data_out = struct.unpack_from("=II", raw, 152)
    return {
        "state": STATES[raw[0]],
        "acked": acked,
        "received": received,
        "segsOut": segs_out,
        "segsIn": segs_in,
        "dataSegsOut": data_out,
        "dataSegsIn": data_in,
    }


def look(step, client, server):
    time.sleep(SETTLED)
    seen = {"step": step, "at": time.time(), "port": client.getsockname()[1], "client": info(client)}
    if server:
        seen["server"] = info(server)
    print(json.dumps(seen), flush=True)


def listener(port, backlog=16):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen(backlog)
    return sock


def pair(listening):
    client = socket.create_connection(listening.getsockname())
    server, _ = listening.accept()
    return client, server


def closes(port, first):
    """One end closes its direction, the other answers, sends on, and closes later."""
    client, server = pair(listener(port))
    look("open", client, server)
    for i in range(1, 6):
        client.sendall(b"q" * (100 * i))
        server.recv(10_000)
        server.sendall(b"a" * (3_000 * i))
        client.recv(100_000)
    look("data", client, server)
    one, other = (client, server) if first == "client" else (server, client)
    one.shutdown(socket.SHUT_WR)
    look("half closed", client, server)
    other.sendall(b"late" * 100)
    one.recv(10_000)
    look("late data", client, server)
    other.shutdown(socket.SHUT_WR)
    look("closed", client, server)


def aborts(port):
    client, server = pair(listener(port))
    client.sendall(b"never read")
    look("data", client, server)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    look("aborted", client, None)


def ignored(port):
    """A full accept queue: the SYNs of all but the first client are dropped."""
    listening = listener(port, 0)
    clients = []
    for _ in range(3):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listening.getsockname())
        clients.append(client)
        time.sleep(SETTLED)
    for i, client in enumerate(clients):
        look(f"client {i}", client, None)


SCENARIOS = {
    "client-closes": lambda port: closes(port, "client"),
    "server-closes": lambda port: closes(port, "server"),
    "abort": aborts,
    "ignored": ignored,
}
SCENARIOS[sys.argv[1]](int(sys.argv[2]))
