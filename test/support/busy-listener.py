"""A listener with a short backlog that accepts late, clients that connect, and SYNs whose SYN,ACK nobody answers. Prints what the kernel
says of both queues all along, a line of JSON each, at the server's end. `python3 busy-listener.py serve|call ADDRESS PORT [FROM]`"""

import json
import select
import socket
import struct
import sys
import time

BACKLOG = 4
SYN_RECEIVED, LISTEN = 3, 10


def queues(port):
    """How many are half-open, and how many wait to be accepted: /proc/net/tcp has the latter as a listener's receive queue."""
    half_open = waiting = 0
    with open("/proc/net/tcp") as table:
        for line in table.readlines()[1:]:
            _, local, _, state, lengths = line.split()[:5]
            if int(local.split(":")[1], 16) != port:
                continue
            if int(state, 16) == SYN_RECEIVED:
                half_open += 1
            if int(state, 16) == LISTEN:
                waiting = int(lengths.split(":")[1], 16)
    return half_open, waiting


def watch(port, seconds):
    until = time.time() + seconds
    while time.time() < until:
        half_open, waiting = queues(port)
        print(json.dumps({"at": time.time(), "halfOpen": half_open, "waiting": waiting}), flush=True)
        time.sleep(0.02)


def serve(address, port):
    listener = socket.socket()
    listener.bind((address, port))
    listener.listen(BACKLOG)
    watch(port, 2.5)
    accepted = []
    while select.select([listener], [], [], 0)[0]:
        accepted.append(listener.accept()[0])
        accepted[-1].sendall(b"welcome")
        watch(port, 0.06)
    watch(port, 1)


def bare_syn(source, address, port, from_port):
    """A SYN from an address that is nobody's."""
    header = struct.pack("!HHIIBBHHH", from_port, port, from_port * 7919, 0, 6 << 4, 2, 64240, 0, 0) + bytes([2, 4, 5, 180])
    pseudo = socket.inet_aton(source) + socket.inet_aton(address) + struct.pack("!HH", 6, len(header))
    total = sum(struct.unpack(f"!{len(pseudo + header) // 2}H", pseudo + header))
    total = (total >> 16) + (total & 0xFFFF)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(header), from_port, 0, 64, 6, 0) + pseudo[:8]
    raw.sendto(ip + header[:16] + struct.pack("!H", checksum) + header[18:], (address, 0))


def call(address, port, nobody):
    for i in range(3):
        bare_syn(nobody, address, port, 30000 + i)
        time.sleep(0.05)
    clients = []
    for _ in range(BACKLOG + 3):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((address, port))
        clients.append(client)
        time.sleep(0.1)
    time.sleep(3.5)


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]))
else:
    call(sys.argv[2], int(sys.argv[3]), sys.argv[4])
