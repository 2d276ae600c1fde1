import { type IpAddress, ip, ipVersionOf } from '../../wire/ip-address.ts';
import { ok, type Result } from '../../wire/result.ts';
import { UDP_HEADER } from '../../wire/udp.ts';
import { isBroadcast, isMulticast, isUnspecified } from '../ip/addresses.ts';
import { sendPacket } from '../ip/output.ts';
import { ipHeaderLength, packetLength, type UdpPacket } from '../network/packet.ts';
import { anyAddress, type Endpoint, nameFor, parseEndpoint, type SocketAddress } from '../sockets/address.ts';
import { type Errno, fail } from '../sockets/errno.ts';
import { hasQueuedErrors, queueError, receivingError } from '../sockets/error-queue.ts';
import type { MessageFlag } from '../sockets/message-flag.ts';
import { Poll, READABLE, WRITABLE } from '../sockets/poll-events.ts';
import type { Protocol, Received } from '../sockets/protocol.ts';
import type { ShutdownHow } from '../sockets/shutdown.ts';
import type { Socket } from '../sockets/socket.ts';
import { ipFieldsFor } from '../tcp/ip-fields.ts';
import { UdpEndpoint } from './udp-endpoint.ts';

const LONGEST = 65_535;
const EMPTY = new Uint8Array(0);
const done = ok(undefined);
const notHere = (): Result<never, Errno> => fail('EOPNOTSUPP', 'a datagram socket has no connections');

/** SOCK_DGRAM of AF_INET and AF_INET6: UDP. */
export const UDP: Protocol = {
  bind,
  listen: notHere,
  accept: notHere,
  connect,
  connectOutcome: () => done,
  sending: (socket, octets, _flags, to) => ({
    try: () => (to === 'AF_UNSPEC' ? fail('EINVAL', 'an address of no family') : send(socket, octets, to)),
  }),
  receiving: (socket, most, flags, mayWait) =>
    flags.includes('MSG_ERRQUEUE') ? receivingError(socket, most) : { try: () => receive(socket, most, flags, mayWait) },
  shutdown,
  close: (socket, told) => {
    const endpoint = endpointOf(socket);
    if (endpoint.localPort !== 0) socket.host.udp.release(endpoint);
    socket.abandonWaiting();
    told(done);
  },
  name: (socket) => {
    const { localAddress, localPort } = endpointOf(socket);
    return nameFor(socket.domain, { address: isUnspecified(localAddress) ? anyAddress(socket.domain) : localAddress, port: localPort });
  },
  peer: (socket) => {
    const { remoteAddress, remotePort } = endpointOf(socket);
    if (remoteAddress === undefined) return fail('ENOTCONN', 'the socket is not connected');
    return ok(nameFor(socket.domain, { address: remoteAddress, port: remotePort }));
  },
  disconnect: (socket) => {
    const endpoint = endpointOf(socket);
    endpoint.remoteAddress = undefined;
    endpoint.remotePort = 0;
    endpoint.localAddress = endpoint.boundAddress ?? anyAddress(socket.domain);
    if (endpoint.boundPort !== 0 || endpoint.localPort === 0) return done;
    socket.host.udp.release(endpoint); // the port was the system's choice
    endpoint.localPort = 0;
    return done;
  },
  takeError: (socket) => {
    const endpoint = endpointOf(socket);
    const { error } = endpoint;
    endpoint.error = undefined;
    return error;
  },
  poll: (socket) => {
    const endpoint = endpointOf(socket);
    const { queue, error, readClosed, sendClosed } = endpoint;
    return (
      (queue.length > 0 || readClosed ? READABLE : 0) |
      WRITABLE |
      (error || hasQueuedErrors(endpoint) ? Poll.ERR : 0) |
      (readClosed ? Poll.RDHUP : 0) |
      (readClosed && sendClosed ? Poll.HUP : 0)
    );
  },
  inputMark: () => undefined,
  inputOctets: (socket) => ok(endpointOf(socket).queue.at(0)?.octets.length ?? 0), // of the next datagram alone (udp(7))
  outputOctets: () => ok(0), // what was sent is on its way
};

/** The socket's endpoint, made when first asked for. */
function endpointOf(socket: Socket): UdpEndpoint {
  if (socket.udp) return socket.udp;
  const endpoint = new UdpEndpoint(socket.host.nextConnectionId(), anyAddress(socket.domain), socket.settings);
  endpoint.holder = socket;
  socket.udp = endpoint;
  return endpoint;
}

function bind(socket: Socket, to: SocketAddress): Result<void, Errno> {
  const wanted = parseEndpoint(socket, to, 'EINVAL');
  if (!wanted.ok) return wanted;
  const endpoint = endpointOf(socket);
  if (endpoint.localPort !== 0) return fail('EINVAL', 'the socket has an address already');
  const { address, port } = wanted.value;
  const { host } = socket;
  if (!isUnspecified(address) && !isMulticast(address) && !isBroadcast(address, host.addresses) && !host.owns(address))
    return fail('EADDRNOTAVAIL', `${address} is not an address of ${host.name}`);
  if (!host.udp.bind(endpoint, address, port)) return fail('EADDRINUSE', port === 0 ? 'no free port is left' : `port ${port} is in use`);
  endpoint.boundAddress = address;
  endpoint.boundPort = port;
  return done;
}

/** A socket that sends or connects without a port gets one. */
function autobind(socket: Socket): Result<void, Errno> {
  const endpoint = endpointOf(socket);
  if (endpoint.localPort !== 0) return done;
  // Linux says EAGAIN here, where bind would say EADDRINUSE (inet_autobind).
  return socket.host.udp.bind(endpoint, endpoint.localAddress, 0) ? done : fail('EAGAIN', 'every local port is taken');
}

/** connect(2) on UDP: nothing is sent; the peer is remembered, and a local address chosen that leads there. */
function connect(socket: Socket, to: SocketAddress): Result<void, Errno> {
  const wanted = destination(socket, to);
  if (!wanted.ok) return wanted;
  const { address, port } = wanted.value;
  const endpoint = endpointOf(socket);
  const source = isUnspecified(endpoint.localAddress) ? socket.host.sourceFor(address) : endpoint.localAddress;
  if (source === undefined) return fail('ENETUNREACH', `${socket.host.name} knows no way to ${address}`);
  if (mayNotBroadcast(socket, address)) return fail('EACCES', 'a broadcast needs SO_BROADCAST');
  const bound = autobind(socket);
  if (!bound.ok) return bound;
  endpoint.localAddress = source;
  endpoint.remoteAddress = address;
  endpoint.remotePort = port;
  return done;
}

const mayNotBroadcast = ({ host, settings }: Socket, address: IpAddress): boolean =>
  !settings.broadcast && isBroadcast(address, host.addresses);

function destination(socket: Socket, to: SocketAddress): Result<Endpoint, Errno> {
  const wanted = parseEndpoint(socket, to);
  if (!wanted.ok) return wanted;
  const { address, port } = wanted.value;
  // "Any" as a destination means this very host.
  return ok(isUnspecified(address) ? { address: ip(address === '::' ? '::1' : '127.0.0.1'), port } : wanted.value);
}

/** One datagram leaves, at once and whole, or not at all. */
function send(socket: Socket, octets: Uint8Array, to: SocketAddress | undefined): Result<number, Errno> {
  const endpoint = endpointOf(socket);
  const peer = endpoint.remoteAddress === undefined ? undefined : { address: endpoint.remoteAddress, port: endpoint.remotePort };
  if (!to && !peer) return fail('EDESTADDRREQ', 'the socket is not connected, and no destination was given');
  const wanted: Result<Endpoint, Errno> = to ? destination(socket, to) : ok(peer!);
  if (!wanted.ok) return wanted;
  const { address, port } = wanted.value;
  if (port === 0) return fail('EINVAL', 'nobody has port 0');
  if (endpoint.sendClosed) return fail('EPIPE', 'the sending direction is closed');
  if (endpoint.error) {
    const { error } = endpoint;
    endpoint.error = undefined;
    return fail(error);
  }
  const { host } = socket;
  const src = isUnspecified(endpoint.localAddress) ? host.sourceFor(address) : endpoint.localAddress;
  if (src === undefined || ipVersionOf(src) !== ipVersionOf(address)) return fail('ENETUNREACH', `${host.name} knows no way to ${address}`);
  if (mayNotBroadcast(socket, address)) return fail('EACCES', 'a broadcast needs SO_BROADCAST');
  const packet = datagram(socket, src, wanted.value, octets);
  if (typeof packet === 'string') {
    if (octets.length <= LONGEST) queueTooLong(endpoint, wanted.value, host.mtuTowards(address));
    return fail('EMSGSIZE', packet);
  }
  const bound = autobind(socket);
  if (!bound.ok) return bound;
  host.counters.add('OutDatagrams');
  sendPacket(host, { ...packet, datagram: { ...packet.datagram, srcPort: endpoint.localPort, dstPort: port } });
  return ok(octets.length);
}

/** A datagram never left: with IP_RECVERR the error queue tells the MTU (Linux ip_local_error). The port is the connected one's. */
function queueTooLong(endpoint: UdpEndpoint, { address }: Endpoint, mtu: number): void {
  const { receiveErrors, receiveErrors6, receiveBuffer } = endpoint.settings;
  if (!(ipVersionOf(address) === 4 ? receiveErrors : receiveErrors6)) return;
  const destination = { address, port: endpoint.remotePort };
  queueError(
    endpoint,
    {
      errno: 'EMSGSIZE',
      origin: 'SO_EE_ORIGIN_LOCAL',
      type: 0,
      code: 0,
      info: mtu,
      data: 0,
      offender: undefined,
      destination,
      octets: EMPTY,
    },
    receiveBuffer,
  );
  endpoint.holder?.wake();
}

/** The packet, or why it is too long. DF is set while the datagram fits the path (IP_PMTUDISC_WANT); else it goes in pieces. */
function datagram(socket: Socket, src: IpAddress, { address: dst, port }: Endpoint, octets: Uint8Array): UdpPacket | string {
  const { mtuDiscovery } = socket.settings;
  const most = LONGEST - UDP_HEADER - (ipVersionOf(dst) === 4 ? ipHeaderLength(dst) : 0);
  if (octets.length > most) return `a datagram holds ${most} octets at most`;
  const packet: UdpPacket = {
    ...ipFieldsFor(socket.settings, dst),
    src,
    dst,
    datagram: { srcPort: 0, dstPort: port, payload: octets.slice() },
  };
  const mtu = socket.host.mtuTowards(dst);
  const fits = packetLength(packet) <= mtu;
  if (mtuDiscovery === 'IP_PMTUDISC_DO' && !fits) return `the path carries ${mtu} octets, and IP_MTU_DISCOVER forbids to cut`;
  return mtuDiscovery === 'IP_PMTUDISC_DONT' || (mtuDiscovery === 'IP_PMTUDISC_WANT' && !fits) ? { ...packet, mayFragment: true } : packet;
}

/** The oldest datagram; what does not fit `most` is lost (MSG_TRUNC tells the whole length). */
function receive(socket: Socket, most: number, flags: readonly MessageFlag[], mayWait: boolean): Result<Received, Errno> | undefined {
  const endpoint = endpointOf(socket);
  if (endpoint.error) {
    const { error } = endpoint;
    endpoint.error = undefined;
    return fail(error);
  }
  const next = flags.includes('MSG_PEEK') ? endpoint.queue.at(0) : endpoint.dequeue();
  // Linux looks at shutdown(SHUT_RD) only when it is about to wait.
  if (!next) return endpoint.readClosed && mayWait ? ok({ octets: EMPTY, length: 0, from: undefined }) : undefined;
  const { octets, at } = next;
  return ok({
    octets: octets.subarray(0, most),
    length: octets.length,
    from: nameFor(socket.domain, next),
    ...(octets.length > most && { flags: ['MSG_TRUNC'] as const }),
    ...(socket.settings.receiveStamps && { control: [{ level: 'SOL_SOCKET', type: 'SO_TIMESTAMP', at }] as const }),
  });
}

/** Linux marks the directions closed also where it says ENOTCONN. */
function shutdown(socket: Socket, how: ShutdownHow): Result<void, Errno> {
  const endpoint = endpointOf(socket);
  if (how !== 'SHUT_WR') endpoint.readClosed = true;
  if (how !== 'SHUT_RD') endpoint.sendClosed = true;
  socket.wake();
  return endpoint.remoteAddress === undefined ? fail('ENOTCONN', 'the socket is not connected') : done;
}
