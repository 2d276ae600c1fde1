"""What goes wrong with TCP, each on a port of its own, made for real: `python3 situations.py serve ADDRESS` at one host, `call ADDRESS`
at another. `serve` says when it listens; `call` ends when everything has happened."""

import select
import socket
import sys
import threading
import time

REFUSED, UNREAD, NAGLE, ZERO_WINDOW, AFTER_CLOSE, LOSSY, CLEAN, BUSY = range(9601, 9609)
BACKLOG = 1


def listen(address, port, backlog=16, receive=None):
    sock = socket.socket()
    if receive:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    sock.bind((address, port))
    sock.listen(backlog)
    return sock


def drain(sock, octets=None):
    got = 0
    while octets is None or got < octets:
        piece = sock.recv(1 << 16)
        if not piece:
            break
        got += len(piece)
    return got


def unread(peer):
    time.sleep(0.2)
    peer.close()


def nagle(peer):
    while drain(peer, 400) == 400:
        peer.sendall(b"r" * 20)
    peer.close()


def zero_window(peer):
    time.sleep(1)
    drain(peer)
    peer.close()


def after_close(peer):
    peer.recv(100)
    peer.close()


def takes_all(peer):
    drain(peer)
    peer.sendall(b"done")
    peer.close()


def serve(address):
    servants = {UNREAD: unread, NAGLE: nagle, ZERO_WINDOW: zero_window, AFTER_CLOSE: after_close, LOSSY: takes_all, CLEAN: takes_all}
    for port, servant in servants.items():
        listener = listen(address, port, receive=16384 if port == ZERO_WINDOW else None)
        threading.Thread(target=lambda l=listener, s=servant: s(l.accept()[0]), daemon=True).start()
    busy = listen(address, BUSY, BACKLOG)
    print("listening", flush=True)
    select.select([busy], [], [])
    time.sleep(1.5)
    taken = []
    while select.select([busy], [], [], 2.5)[0]:
        taken.append(busy.accept()[0])
        taken[-1].sendall(b"at last")


def connect(address, port, nodelay=False):
    sock = socket.socket()
    if nodelay:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.connect((address, port))
    return sock


def call(address):
    waiting = []
    for _ in range(BACKLOG + 4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex((address, BUSY))
        waiting.append(sock)
        time.sleep(0.05)
    try:
        connect(address, REFUSED)
    except ConnectionRefusedError:
        pass
    sock = connect(address, UNREAD)
    sock.sendall(b"nobody reads this")
    time.sleep(0.4)
    sock = connect(address, NAGLE)
    for _ in range(8):
        sock.sendall(b"h" * 200)
        sock.sendall(b"b" * 200)
        drain(sock, 20)
    sock.close()
    sock = connect(address, AFTER_CLOSE)
    sock.sendall(b"a")
    time.sleep(0.2)
    try:
        sock.sendall(b"more")
    except OSError:
        pass
    for port, octets in ((ZERO_WINDOW, 100_000), (CLEAN, 20_000), (LOSSY, 600_000)):
        sock = connect(address, port)
        sock.sendall(b"x" * octets)
        sock.shutdown(socket.SHUT_WR)
        drain(sock)
        sock.close()
    time.sleep(1.5)


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    call(sys.argv[2])
