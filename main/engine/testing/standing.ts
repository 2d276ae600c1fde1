import type { TcpState } from '../../tcp-model/states.ts';
import type { TcpOption } from '../../wire/segment.ts';
import type { SysctlSettings } from '../sysctls.ts';
import { HandPlayed } from './peer.ts';

/** What both sides bring into the conversation that leads to a state. */
export interface Circumstances {
  readonly sysctls: SysctlSettings;
  /** The first number of the peer, and about the first of the host. */
  readonly peerStart: number;
  readonly localStart: number;
  /** Options of the peer's SYN. */
  readonly options: readonly TcpOption[];
  readonly ecn: boolean;
}

/** A host that was talked into a state: the peer it talked to, and what the program holds. */
export interface Standing {
  readonly peer: HandPlayed;
  readonly fds: number[];
}

type Conversation = (about: Circumstances) => Standing;

const PASSIVE_PORT = 4000; // the peer's, when it opens
const ACTIVE_PORT = 80; // the peer's, when the host opens

const meet = ({ sysctls, peerStart, localStart }: Circumstances, port: number): HandPlayed =>
  new HandPlayed(sysctls, peerStart).waitsForIss(localStart, port);

const listening: Conversation = (about) => {
  const peer = meet(about, PASSIVE_PORT);
  return { peer, fds: [peer.listens(2)] };
};

const WITHOUT_COOKIES = 0x607; // tcp_fastopen: both ends, every listener, no cookie needed

const withFastOpen: Conversation = (about) => {
  const standing = listening(about);
  standing.peer.local.sysctls.set('net.ipv4.tcp_fastopen', WITHOUT_COOKIES);
  standing.peer.program.setsockopt(standing.fds[0]!, 'TCP_FASTOPEN', 5, () => {});
  return standing;
};

const withDeferredAccept: Conversation = (about) => {
  const standing = listening(about);
  standing.peer.program.setsockopt(standing.fds[0]!, 'TCP_DEFER_ACCEPT', 3, () => {});
  return standing;
};

const asked =
  (from: Conversation, words: { readonly options?: readonly TcpOption[]; readonly data?: string } = {}): Conversation =>
  (about) => {
    const standing = from(about);
    standing.peer.says(about.ecn ? 'SEW' : 'S', { options: about.options, ...words });
    return standing;
  };

const connecting: Conversation = (about) => {
  const peer = meet(about, ACTIVE_PORT);
  return { peer, fds: [peer.connects(9502)] };
};

const bothOpen: Conversation = (about) => {
  const standing = connecting(about);
  standing.peer.says('S', { options: about.options });
  return standing;
};

const accepted: Conversation = (about) => {
  const { peer, fds } = asked(listening)(about);
  peer.says('.', { seq: 1, ack: 1 });
  return { peer, fds: [peer.accepts(fds[0]!), ...fds] };
};

/** Then so many things happen to the first descriptor. */
const then =
  (from: Conversation, ...steps: ((peer: HandPlayed, fd: number) => unknown)[]): Conversation =>
  (about) => {
    const standing = from(about);
    for (const step of steps) step(standing.peer, standing.fds[0]!);
    return standing;
  };

const closes = (peer: HandPlayed, fd: number) => peer.closes(fd);
const shutsDown = (peer: HandPlayed, fd: number) => peer.shutsDown(fd);
const sends = (peer: HandPlayed, fd: number) => peer.sends(fd, 'x'.repeat(3000));
const finIsAcknowledged = (peer: HandPlayed) => peer.says('.', { seq: 1, ack: 2 });
const peerEnds = (peer: HandPlayed) => peer.says('F.', { seq: 1, ack: 1 });
const peerEndsToo = (peer: HandPlayed) => peer.says('F.', { seq: 1, ack: 2 });

const established = then(accepted);
const finWait2 = then(accepted, shutsDown, finIsAcknowledged);
const closeWait = then(accepted, peerEnds);

/** The eleven states, each reached in all the ways that differ in what the host keeps. */
export const STANDINGS: Readonly<Record<TcpState, Readonly<Record<string, Conversation>>>> = {
  CLOSED: {
    'nobody is there': (about) => ({ peer: new HandPlayed(about.sysctls, about.peerStart), fds: [] }),
    'reset, and still held': then(accepted, (peer) => peer.says('R', { seq: 1 })),
  },
  LISTEN: { 'an ordinary listener': listening, 'with fast open': withFastOpen, 'with deferred accept': withDeferredAccept },
  'SYN-SENT': {
    'an ordinary SYN': connecting,
    'with fast open': (about) => {
      const peer = meet(about, ACTIVE_PORT);
      peer.local.sysctls.set('net.ipv4.tcp_fastopen', WITHOUT_COOKIES);
      const fd = peer.socket();
      peer.program.bind(fd, { address: '10.0.0.1', port: 9502 }, () => {});
      const [octets, to] = [new Uint8Array(100), { address: '10.0.0.2', port: ACTIVE_PORT }];
      peer.program.sendto(fd, octets, ['MSG_FASTOPEN', 'MSG_DONTWAIT'], to, () => {});
      peer.waits(0);
      return { peer, fds: [fd] };
    },
  },
  'SYN-RECEIVED': {
    'from a listener': asked(listening),
    'from both sides': bothOpen,
    'from both sides, and shut down': then(bothOpen, shutsDown),
    'deferred, handshake done': then(asked(withDeferredAccept), (peer) => peer.says('.', { seq: 1, ack: 1 })),
    'accepted, with data in the SYN': (about) => {
      const options = [...about.options, { kind: 'fast-open', cookie: new Uint8Array(0), experimental: false }] as const;
      const { peer, fds } = asked(withFastOpen, { options, data: 'early' })(about);
      return { peer, fds: [peer.accepts(fds[0]!), ...fds] };
    },
  },
  ESTABLISHED: {
    'with nothing under way': established,
    'opened from here': then(connecting, (peer) => peer.says('S.', { ack: 1 })),
    'with data under way': then(established, sends),
    'with lost data': then(established, sends, (peer) => peer.waits(1500)),
    'with a closed window': then(established, (peer) => peer.says('.', { seq: 1, ack: 1, window: 0 }), sends),
    'with a gap': then(established, (peer) => peer.says('.', { seq: 10, ack: 1, data: 'later' })),
    'with an urgent octet': then(established, (peer) => peer.says('U.', { seq: 1, ack: 1, data: 'abc', urgent: 2 })),
    'in the accept queue': then(asked(listening), (peer) => peer.says('.', { seq: 1, ack: 1 })),
  },
  'FIN-WAIT-1': {
    held: then(established, shutsDown),
    'an orphan': then(established, closes),
    'with data before the FIN': then(established, sends, closes),
    'with a closed window': then(established, (peer) => peer.says('.', { seq: 1, ack: 1, window: 0 }), sends, closes),
    'before it was established': then(bothOpen, closes),
  },
  'FIN-WAIT-2': { held: finWait2, 'an orphan': then(finWait2, closes) },
  'CLOSE-WAIT': { idle: closeWait, 'with data under way': then(closeWait, (peer, fd) => peer.sends(fd, 'x'.repeat(3000))) },
  CLOSING: { held: then(established, shutsDown, peerEnds), 'an orphan': then(established, closes, peerEnds) },
  'LAST-ACK': {
    held: then(closeWait, shutsDown),
    'an orphan': then(closeWait, closes),
    'with data before the FIN': then(closeWait, sends, closes),
  },
  'TIME-WAIT': {
    'after FIN-WAIT-2': then(finWait2, closes, peerEndsToo),
    'still held': then(finWait2, peerEndsToo),
    'after CLOSING': then(established, closes, peerEnds, (peer) => peer.says('.', { seq: 2, ack: 2 })),
  },
};

/** The state that the conversation led to, as the engine shows it. */
export function stateOf({ peer }: Standing): TcpState {
  const [host] = peer.engine.snapshot().hosts;
  const [connection] = host!.connections;
  if (connection) return connection.state;
  if (host!.timeWait.length > 0) return 'TIME-WAIT';
  return host!.listeners.length > 0 ? 'LISTEN' : 'CLOSED';
}
