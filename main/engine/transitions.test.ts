import { describe, expect, test } from 'vitest';
import { TRANSITIONS } from '../tcp-model/transitions.ts';
import { established, HandPlayed } from './testing/peer.ts';

const LONG = 2_000_000; // milliseconds: longer than any patience TCP has

const openedFromBothSides = (): { peer: HandPlayed; fd: number } => {
  const peer = new HandPlayed();
  const fd = peer.connects();
  peer.says('S');
  return { peer, fd };
};

const closing = (): { peer: HandPlayed; fd: number } => {
  const { peer, fd } = established();
  peer.shutsDown(fd).says('F.', { seq: 1, ack: 1 });
  return { peer, fd };
};

const closeWait = (): { peer: HandPlayed; fd: number } => {
  const { peer, fd } = established();
  peer.says('F.', { seq: 1, ack: 1 });
  return { peer, fd };
};

const lastAck = (): { peer: HandPlayed; fd: number } => {
  const { peer, fd } = closeWait();
  peer.shutsDown(fd);
  return { peer, fd };
};

const finWait2 = (): { peer: HandPlayed; fd: number } => {
  const { peer, fd } = established();
  peer.shutsDown(fd).says('.', { seq: 1, ack: 2 });
  return { peer, fd };
};

const timeWait = (): HandPlayed => {
  const { peer, fd } = finWait2();
  peer.says('F.', { seq: 1, ack: 2 }).closes(fd);
  return peer;
};

/** One conversation for every row of the table; the last change in it is the row. */
const CONVERSATIONS: Readonly<Record<string, () => HandPlayed>> = {
  'CLOSED passive-open LISTEN': () => {
    const peer = new HandPlayed();
    peer.listens();
    return peer;
  },
  'CLOSED active-open SYN-SENT': () => {
    const peer = new HandPlayed();
    peer.connects();
    expect(peer.hears()).toEqual(['S']);
    return peer;
  },
  'LISTEN syn SYN-RECEIVED': () => {
    const peer = new HandPlayed();
    peer.listens();
    peer.says('S');
    expect(peer.hears()).toEqual(['S. ack 1']);
    return peer;
  },
  'LISTEN close CLOSED': () => {
    const peer = new HandPlayed();
    return peer.closes(peer.listens());
  },
  'SYN-SENT syn-ack ESTABLISHED': () => {
    const peer = new HandPlayed();
    peer.connects();
    peer.says('S.', { ack: 1 });
    expect(peer.hears()).toEqual(['S', '. ack 1']);
    return peer;
  },
  'SYN-SENT syn SYN-RECEIVED': () => {
    const { peer } = openedFromBothSides();
    expect(peer.hears()).toEqual(['S', 'S. ack 1']);
    return peer;
  },
  'SYN-SENT rst CLOSED': () => {
    const peer = new HandPlayed();
    const fd = peer.connects();
    peer.says('R.', { ack: 1 });
    let error: string | undefined;
    peer.program.socketError(fd, (r) => {
      error = r.ok ? r.value : r.error.errno;
    });
    expect(error).toBe('ECONNREFUSED');
    return peer;
  },
  'SYN-SENT close CLOSED': () => {
    const peer = new HandPlayed();
    peer.closes(peer.connects());
    expect(peer.hears()).toEqual(['S']);
    return peer;
  },
  'SYN-SENT abort CLOSED': () => {
    const peer = new HandPlayed();
    return peer.closesAbruptly(peer.connects());
  },
  'SYN-SENT user-timeout CLOSED': () => {
    const peer = new HandPlayed();
    peer.connects();
    peer.waits(LONG);
    expect(peer.hears()).toEqual(Array.from({ length: 11 }, () => 'S')); // tcp_syn_retries and tcp_syn_linear_timeouts
    return peer;
  },
  'SYN-RECEIVED ack-of-syn ESTABLISHED': () => {
    const peer = new HandPlayed();
    peer.listens();
    return peer.says('S').says('.', { seq: 1, ack: 1 });
  },
  'SYN-RECEIVED close FIN-WAIT-1': () => {
    const { peer, fd } = openedFromBothSides();
    peer.hears();
    peer.closes(fd);
    expect(peer.hears()).toEqual(['F. 1 ack 1']);
    return peer;
  },
  'SYN-RECEIVED rst LISTEN': () => {
    const peer = new HandPlayed();
    peer.listens();
    peer.says('S').says('R', { seq: 1 });
    expect(peer.local.counters.get('EmbryonicRsts')).toBe(1);
    return peer;
  },
  'SYN-RECEIVED rst CLOSED': () => openedFromBothSides().peer.says('R.', { seq: 1, ack: 1 }),
  'SYN-RECEIVED syn LISTEN': () => {
    const peer = new HandPlayed();
    peer.listens();
    peer.says('S').says('S', { seq: 100 });
    expect(peer.hears()).toEqual(['S. ack 1', expect.stringMatching(/^R.* ack 101$/)]);
    return peer;
  },
  'SYN-RECEIVED abort CLOSED': () => {
    const peer = new HandPlayed();
    const listener = peer.listens();
    peer.says('S').closes(listener);
    expect(peer.hears()).toEqual(['S. ack 1']); // silently; who still answers gets the RST of a closed port
    peer.says('.', { seq: 1, ack: 1 });
    expect(peer.hears()).toEqual(['R 1']);
    return peer;
  },
  'SYN-RECEIVED user-timeout CLOSED': () => {
    const peer = new HandPlayed();
    peer.listens();
    peer.says('S').waits(LONG);
    expect(peer.hears()).toEqual(Array.from({ length: 6 }, () => 'S. ack 1'));
    return peer;
  },
  'ESTABLISHED close FIN-WAIT-1': () => {
    const { peer, fd } = established();
    peer.closes(fd);
    expect(peer.hears()).toEqual(['F. 1 ack 1']);
    return peer;
  },
  'ESTABLISHED fin CLOSE-WAIT': () => {
    const { peer, fd } = closeWait();
    expect(peer.reads(fd)).toBe('');
    return peer;
  },
  'ESTABLISHED rst CLOSED': () => {
    const { peer, fd } = established();
    peer.says('R', { seq: 1 });
    expect(peer.reads(fd)).toBe('ECONNRESET');
    return peer;
  },
  'ESTABLISHED abort CLOSED': () => {
    const { peer, fd } = established();
    peer.closesAbruptly(fd);
    expect(peer.hears()).toEqual(['R. 1 ack 1']);
    return peer;
  },
  'ESTABLISHED user-timeout CLOSED': () => {
    const { peer, fd } = established();
    peer.sends(fd, 'is anybody there?').waits(LONG);
    expect(peer.reads(fd)).toBe('ETIMEDOUT');
    return peer;
  },
  'FIN-WAIT-1 ack-of-fin FIN-WAIT-2': () => finWait2().peer,
  'FIN-WAIT-1 fin CLOSING': () => closing().peer,
  'FIN-WAIT-1 rst CLOSED': () => {
    const { peer, fd } = established();
    return peer.closes(fd).says('R', { seq: 1 });
  },
  'FIN-WAIT-1 abort CLOSED': () => {
    const { peer, fd } = established();
    peer.closes(fd).says('P.', { seq: 1, ack: 1, data: 'too late' });
    expect(peer.hears()).toEqual(['F. 1 ack 1', 'R 1']);
    return peer;
  },
  'FIN-WAIT-1 user-timeout CLOSED': () => {
    const { peer, fd } = established();
    return peer.closes(fd).waits(LONG);
  },
  'FIN-WAIT-2 fin TIME-WAIT': () => {
    const { peer } = finWait2();
    peer.hears();
    peer.says('F.', { seq: 1, ack: 2 });
    expect(peer.hears()).toEqual(['. ack 2']);
    return peer;
  },
  'FIN-WAIT-2 rst CLOSED': () => finWait2().peer.says('R', { seq: 1 }),
  'FIN-WAIT-2 abort CLOSED': () => {
    const { peer, fd } = finWait2();
    peer.closes(fd).hears();
    peer.says('P.', { seq: 1, ack: 2, data: 'too late' });
    expect(peer.hears()).toEqual(['R 2']);
    return peer;
  },
  'FIN-WAIT-2 fin-wait-2-timeout CLOSED': () => {
    const { peer, fd } = finWait2();
    peer.closes(fd).waits(59_999);
    expect(peer.changes().at(-1)).toBe('FIN-WAIT-1 ack-of-fin FIN-WAIT-2');
    return peer.waits(1);
  },
  'FIN-WAIT-2 user-timeout CLOSED': () => {
    const { peer, fd } = established({ 'net.ipv4.tcp_keepalive_time': 100, 'net.ipv4.tcp_keepalive_probes': 2 });
    peer.program.setsockopt(fd, 'SO_KEEPALIVE', 1, () => {});
    peer.shutsDown(fd).says('.', { seq: 1, ack: 2 }).hears();
    peer.waits(250_000); // a probe after 100 s, another after 75 s more, and nobody answers
    expect(peer.hears()).toEqual(['. ack 1', '. ack 1', 'R. 2 ack 1']);
    return peer;
  },
  'CLOSE-WAIT close LAST-ACK': () => {
    const { peer, fd } = closeWait();
    peer.hears();
    peer.closes(fd);
    expect(peer.hears()).toEqual(['F. 1 ack 2']);
    return peer;
  },
  'CLOSE-WAIT rst CLOSED': () => closeWait().peer.says('R', { seq: 2 }),
  'CLOSE-WAIT abort CLOSED': () => {
    const { peer, fd } = closeWait();
    return peer.closesAbruptly(fd);
  },
  'CLOSE-WAIT user-timeout CLOSED': () => {
    const { peer, fd } = closeWait();
    return peer.sends(fd, 'hello?').waits(LONG);
  },
  'CLOSING ack-of-fin TIME-WAIT': () => closing().peer.says('.', { seq: 2, ack: 2 }),
  'CLOSING rst CLOSED': () => closing().peer.says('R', { seq: 2 }),
  'CLOSING abort CLOSED': () => {
    const { peer, fd } = closing();
    return peer.closesAbruptly(fd);
  },
  'CLOSING user-timeout CLOSED': () => closing().peer.waits(LONG),
  'LAST-ACK ack-of-fin CLOSED': () => lastAck().peer.says('.', { seq: 2, ack: 2 }),
  'LAST-ACK rst CLOSED': () => lastAck().peer.says('R', { seq: 2 }),
  'LAST-ACK abort CLOSED': () => {
    const { peer, fd } = lastAck();
    return peer.closesAbruptly(fd);
  },
  'LAST-ACK user-timeout CLOSED': () => lastAck().peer.waits(LONG),
  'TIME-WAIT time-wait-timeout CLOSED': () => {
    const peer = timeWait().waits(59_999);
    expect(peer.changes().at(-1)).toBe('FIN-WAIT-2 fin TIME-WAIT');
    return peer.waits(1);
  },
  'TIME-WAIT rst CLOSED': () => timeWait().says('R', { seq: 2 }),
  'TIME-WAIT active-open SYN-SENT': () => {
    const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
    const again = (): number => {
      const fd = peer.socket();
      peer.program.setsockopt(fd, 'SO_REUSEADDR', 1, () => {});
      peer.program.bind(fd, { address: '10.0.0.1', port: 7000 }, () => {});
      peer.program.setNonBlocking(fd, true, () => {});
      peer.program.connect(fd, { address: '10.0.0.2', port: 80 }, () => {});
      peer.waits(0);
      return fd;
    };
    const stamps = [{ kind: 'timestamps', value: 1, echo: 0 }] as const;
    const fd = again();
    peer.says('S.', { ack: 1, options: stamps }).closes(fd).says('F.', { seq: 1, ack: 2, options: stamps }).hears();
    again();
    expect(peer.hears()).toEqual(['S']);
    expect(peer.local.counters.get('TWRecycled')).toBe(1);
    return peer;
  },
  'TIME-WAIT syn SYN-RECEIVED': () => {
    const peer = timeWait();
    peer.hears();
    peer.says('S', { seq: 1000 });
    expect(peer.hears()).toEqual(['S. ack 1001']);
    return peer;
  },
};

/** Rows no call of the socket API leads to, and why. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  'LISTEN active-open SYN-SENT': 'connect() on a listening socket fails with EISCONN',
  'LISTEN abort CLOSED': 'close() of a listener is never an abort',
};

const rows = TRANSITIONS.map((row) => `${row.from} ${row.trigger} ${row.to}`);

describe('every row of the table', () => {
  test.each(Object.keys(CONVERSATIONS))('%s', (row) => {
    expect(CONVERSATIONS[row]!().changes().at(-1)).toBe(row);
  });

  test('has a conversation that takes it, or a reason why none can', () => {
    expect([...Object.keys(CONVERSATIONS), ...Object.keys(OUT_OF_REACH)].sort()).toEqual([...rows].sort());
  });
});
