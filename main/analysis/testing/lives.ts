/** Lives of connections as captures show them, with what follows for both ends. */
export interface Life {
  readonly name: string;
  readonly script: string;
  readonly client: string;
  readonly server: string;
  readonly events: string;
}

const HANDSHAKE = `
  0.000 > S  0
  0.001 < SA 0 1
  0.002 > A  1 1`;
const OPEN_CLIENT = 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2';
const OPEN_SERVER = 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3';

export const LIVES: readonly Life[] = [
  {
    name: 'opened, used, closed in four segments, and 2MSL waited out',
    script: `${HANDSHAKE}
      0.010 > PA 1 1 7
      0.011 < PA 1 8 18
      0.012 > A  8 19
      0.020 > FA 8 19
      0.021 < A  19 9
      0.030 < FA 19 9
      0.031 > A  9 20
      61.00 > R  9       port=41000`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@7 FIN-WAIT-2@8 TIME-WAIT@9 CLOSED@9~`,
    server: `${OPEN_SERVER} CLOSE-WAIT@7 LAST-ACK@9 CLOSED@10`,
    events: 'handshake@3',
  },
  {
    name: 'closed in three segments: the FIN rides with the ACK of ours',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < FA 1 2
      0.022 > A  2 2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 FIN-WAIT-2@5 TIME-WAIT@5`,
    server: `${OPEN_SERVER} CLOSE-WAIT@4 LAST-ACK@5 CLOSED@6`,
    events: 'handshake@3',
  },
  {
    name: 'closed by the server first',
    script: `${HANDSHAKE}
      0.020 < FA 1 1
      0.021 > A  1 2
      0.022 > FA 1 2
      0.023 < A  2 2`,
    client: `${OPEN_CLIENT} CLOSE-WAIT@4 LAST-ACK@6 CLOSED@7`,
    server: `${OPEN_SERVER} FIN-WAIT-1@4 FIN-WAIT-2@5 TIME-WAIT@6`,
    events: 'handshake@3',
  },
  {
    name: 'half closed: the server goes on sending',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < A  1 2
      0.030 < PA 1 2 100
      0.031 > A  2 101
      0.040 < FA 101 2
      0.041 > A  2 102`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 FIN-WAIT-2@5 TIME-WAIT@8`,
    server: `${OPEN_SERVER} CLOSE-WAIT@4 LAST-ACK@8 CLOSED@9`,
    events: 'handshake@3 half-close@6',
  },
  {
    name: 'closed by both at once',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.020 < FA 1 1
      0.021 > A  2 2
      0.021 < A  2 2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 CLOSING@5 TIME-WAIT@7`,
    server: `${OPEN_SERVER} FIN-WAIT-1@5 CLOSING@4 TIME-WAIT@6`,
    events: 'handshake@3 simultaneous-close@5',
  },
  {
    name: 'opened by both at once',
    script: `
      0.000 > S  0
      0.000 < S  0
      0.001 > SA 0 1
      0.001 < SA 0 1
      0.002 > PA 1 1 5
      0.003 < A  1 6`,
    client: 'CLOSED@1 SYN-SENT@1 SYN-RECEIVED@2 ESTABLISHED@4',
    server: 'CLOSED@1 SYN-SENT@2 SYN-RECEIVED@1 ESTABLISHED@3',
    events: 'simultaneous-open@2 retransmission@3 retransmission@4 handshake@4',
  },
  {
    name: 'opened by both at once, then reset before it stood',
    script: `
      0.000 > S  0
      0.000 < S  0
      0.001 > SA 0 1
      0.002 < RA 1 1`,
    client: 'CLOSED@1 SYN-SENT@1 SYN-RECEIVED@2 CLOSED@4',
    server: 'CLOSED@1 SYN-SENT@2 CLOSED@4',
    events: 'simultaneous-open@2 retransmission@3 reset@4',
  },
  {
    name: 'refused',
    script: `
      0.000 > S  0
      0.001 < RA -5000 1`,
    client: 'CLOSED@1 SYN-SENT@1 CLOSED@2',
    server: 'CLOSED@1',
    events: 'refused@2',
  },
  {
    name: 'a SYN that the network doubled: the next is due after a second, and its client waits',
    script: `
      0.000 > S  0
      0.001 > S  0
      1.900 > R  0 port=41000`,
    client: 'CLOSED@1 SYN-SENT@1',
    server: 'UNKNOWN@1?',
    events: 'retransmission@2',
  },
  {
    name: 'never answered: the client gives up',
    script: `
      0.000 > S  0
      1.000 > S  0
      3.000 > S  0
      9.000 > R  0 port=41000`,
    client: 'CLOSED@1 SYN-SENT@1 CLOSED@3~',
    server: 'UNKNOWN@1?',
    events: 'retransmission@2 retransmission@3 syn-timeout@3',
  },
  {
    name: 'a SYN scan: the server falls back to LISTEN',
    script: `
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > R  1`,
    client: 'CLOSED@1 SYN-SENT@1 CLOSED@3',
    server: 'LISTEN@1 SYN-RECEIVED@1 LISTEN@3',
    events: 'reset@3',
  },
  {
    name: 'the server aborts before the handshake is over',
    script: `
      0.000 > S  0
      0.001 < SA 0 1
      0.002 < RA 1 1`,
    client: 'CLOSED@1 SYN-SENT@1 CLOSED@3',
    server: 'LISTEN@1 SYN-RECEIVED@1 CLOSED@3',
    events: 'reset@3',
  },
  {
    name: 'reset while established',
    script: `${HANDSHAKE}
      0.010 > PA 1 1 7
      0.011 < RA 1 8`,
    client: `${OPEN_CLIENT} CLOSED@5`,
    server: `${OPEN_SERVER} CLOSED@5`,
    events: 'handshake@3 reset@5',
  },
  {
    name: 'the server, having taken a FIN, aborts',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < A  1 2
      0.030 < RA 1 2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 FIN-WAIT-2@5 CLOSED@6`,
    server: `${OPEN_SERVER} CLOSE-WAIT@4 CLOSED@6`,
    events: 'handshake@3 reset@6',
  },
  {
    name: 'the closer aborts while it waits for the other FIN',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < A  1 2
      0.022 < PA 1 2 50
      0.023 > R  2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 FIN-WAIT-2@5 CLOSED@7`,
    server: `${OPEN_SERVER} CLOSE-WAIT@4 CLOSED@7`,
    events: 'handshake@3 half-close@6 reset@7',
  },
  {
    name: 'a FIN answered by a port that knows no connection: the ACK had found nobody either',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < R  1`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 CLOSED@5`,
    server: 'LISTEN@1 SYN-RECEIVED@1 CLOSED@5',
    events: 'handshake@3 reset@5',
  },
  {
    name: 'the sender of a FIN aborts before it is acknowledged',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 > RA 2 1`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 CLOSED@5`,
    server: `${OPEN_SERVER} CLOSED@5`,
    events: 'handshake@3 reset@5',
  },
  {
    name: 'reset in CLOSING by the other end, which was in CLOSING too',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.020 < FA 1 1
      0.021 > A  2 2
      0.022 < R  2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 CLOSING@5 CLOSED@7`,
    server: `${OPEN_SERVER} FIN-WAIT-1@5 CLOSED@7`,
    events: 'handshake@3 simultaneous-close@5 reset@7',
  },
  {
    name: 'aborted in CLOSING',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.020 < FA 1 1
      0.021 > A  2 2
      0.022 > R  2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 CLOSING@5 CLOSED@7`,
    server: `${OPEN_SERVER} FIN-WAIT-1@5 CLOSED@7`,
    events: 'handshake@3 simultaneous-close@5 reset@7',
  },
  {
    name: 'reset in LAST-ACK by an end that has forgotten',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < FA 1 2
      0.022 > R  2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 CLOSED@6`,
    server: `${OPEN_SERVER} CLOSE-WAIT@4 LAST-ACK@5 CLOSED@6`,
    events: 'handshake@3 reset@6',
  },
  {
    name: 'aborted in LAST-ACK',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < FA 1 2
      0.022 < RA 2 2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 FIN-WAIT-2@5 CLOSED@6`,
    server: `${OPEN_SERVER} CLOSE-WAIT@4 LAST-ACK@5 CLOSED@6`,
    events: 'handshake@3 reset@6',
  },
  {
    name: 'TIME-WAIT cut short by a RST',
    script: `${HANDSHAKE}
      0.020 > FA 1 1
      0.021 < FA 1 2
      0.022 > A  2 2
      0.023 < R  2`,
    client: `${OPEN_CLIENT} FIN-WAIT-1@4 FIN-WAIT-2@5 TIME-WAIT@5 CLOSED@7`,
    server: `${OPEN_SERVER} CLOSE-WAIT@4 LAST-ACK@5 CLOSED@7`,
    events: 'handshake@3 reset@7',
  },
  {
    name: 'the server closes before the handshake is over',
    script: `
      0.000 > S  0
      0.001 < SA 0 1
      0.002 < FA 1 1
      0.003 > A  1 1
      0.004 > A  1 2`,
    client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2 CLOSE-WAIT@3',
    server: 'LISTEN@1 SYN-RECEIVED@1 FIN-WAIT-1@3 FIN-WAIT-2@5',
    events: '',
  },
];
