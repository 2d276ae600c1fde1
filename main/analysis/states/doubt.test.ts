import { describe, expect, test } from 'vitest';
import { connection, life } from '../testing/conversation.ts';

const states = (script: string) => {
  const { client, server } = connection(script).states;
  return { client: life(client), server: life(server) };
};

describe('segments lost after they were captured', () => {
  test('a FIN sent again counts from the copy that was acknowledged', () => {
    expect(
      states(`
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      0.010 > FA 1 1
      0.310 > FA 1 1
      0.311 < A  1 2`),
    ).toEqual({
      client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2 FIN-WAIT-1@4 FIN-WAIT-2@6',
      server: 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3 CLOSE-WAIT@5',
    });
  });

  test('the last ACK is lost: the FIN comes again, LAST-ACK goes on, and TIME-WAIT starts anew', () => {
    const script = `
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      0.010 > FA 1 1
      0.011 < FA 1 2
      0.012 > A  2 2
      30.00 < FA 1 2
      30.01 > A  2 2`;
    const client = 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2 FIN-WAIT-1@4 FIN-WAIT-2@5 TIME-WAIT@5';
    const server = 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3 CLOSE-WAIT@4 LAST-ACK@5 CLOSED@8';
    expect(states(`${script}\n 70.00 > S 0 port=41000`)).toEqual({ client, server });
    expect(states(`${script}\n 90.00 > S 0 port=41000`)).toEqual({ client: `${client} CLOSED@7~`, server });
  });

  test('a full accept queue: the server drops the third segment and sends its SYN,ACK again', () => {
    const script = `
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      1.002 < SA 0 1
      1.003 > A  1 1`;
    expect(states(script.split('\n').slice(0, -1).join('\n')).server).toBe('LISTEN@1 SYN-RECEIVED@1');
    expect(states(script)).toEqual({
      client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2',
      server: 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@5',
    });
  });

  test('a FIN nobody acknowledges does not move the other end', () => {
    expect(
      states(`
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      0.010 > FA 1 1
      0.400 > FA 1 1`),
    ).toEqual({
      client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2 FIN-WAIT-1@4',
      server: 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3',
    });
  });

  test('a FIN that overtakes data counts once the data has been acknowledged with it', () => {
    expect(
      states(`
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      0.010 > FA 101 1
      0.011 < A  1 1
      0.012 > PA 1 1 100
      0.013 < A  1 102`).server,
    ).toBe('LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3 CLOSE-WAIT@4');
  });
});

describe('connections older than the capture', () => {
  test('are assumed to be established, and surely are once both ends have sent data', () => {
    expect(
      states(`
      0.000 > PA 1 1 7
      0.001 < PA 1 8 7
      0.002 > FA 8 8
      0.003 < A  8 9`),
    ).toEqual({ client: 'ESTABLISHED@1? FIN-WAIT-1@3 FIN-WAIT-2@4', server: 'ESTABLISHED@1? CLOSE-WAIT@3' });
  });

  test('remain a guess otherwise', () => {
    expect(
      states(`
      0.000 > PA 1 1 7
      0.001 > FA 8 1
      0.002 < A  1 9`),
    ).toEqual({ client: 'ESTABLISHED@1? FIN-WAIT-1@2? FIN-WAIT-2@3?', server: 'ESTABLISHED@1? CLOSE-WAIT@2?' });
  });

  test('caught at their SYN,ACK: the SYN is a guess', () => {
    expect(
      states(`
      0.000 < SA 0 1
      0.001 > A  1 1`),
    ).toEqual({ client: 'SYN-SENT@1? ESTABLISHED@1?', server: 'SYN-RECEIVED@1? ESTABLISHED@2?' });
  });

  test('of which only a RST is captured are unknown', () => {
    expect(states('0.000 > R 1')).toEqual({ client: 'UNKNOWN@1?', server: 'UNKNOWN@1?' });
  });
});

describe('captures with holes', () => {
  test('one direction only: what the other end did is assumed', () => {
    expect(
      states(`
      0.000 > S  0
      0.002 > A  1 1
      0.010 > FA 1 1`),
    ).toEqual({
      client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2? FIN-WAIT-1@3?',
      server: 'LISTEN@1? SYN-RECEIVED@1? ESTABLISHED@2?',
    });
  });

  test('an ACK of more than was captured may cover a FIN: who closed is a guess from there', () => {
    expect(
      states(`
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      0.010 < A  1 2      # acknowledges an octet, or a FIN, that the capture missed
      0.020 < FA 1 2
      0.021 > A  2 2`).server,
    ).toBe('LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3 FIN-WAIT-1@5? FIN-WAIT-2@6?');
  });

  test('the hole was data: what follows is certain again', () => {
    expect(
      states(`
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      0.010 < A  1 51
      0.011 > PA 51 1 10
      0.012 < FA 1 61
      0.013 > A  61 2`),
    ).toEqual({
      client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2 CLOSE-WAIT@6',
      server: 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3 FIN-WAIT-1@6 FIN-WAIT-2@7',
    });
  });
});

describe('resets not to be believed', () => {
  const open = `
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1`;

  test('outside the window: nothing happens', () => {
    expect(states(`${open}\n 0.010 > R 900000 0`)).toEqual({
      client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2',
      server: 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3',
    });
  });

  test('inside it but not exact: assumed, and taken back when the receiver answers with a challenge ACK', () => {
    expect(states(`${open}\n 0.010 > R 500 0`).server).toBe('LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3 CLOSED@4?');
    expect(states(`${open}\n 0.010 > R 500 0\n 0.011 < A 1 1`).server).toBe('LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3');
  });

  test('exact, but its sender goes on: it was not his, and both ends live', () => {
    expect(states(`${open}\n 0.010 > R 1 0\n 0.011 > PA 1 1 5\n 0.012 < A 1 6`)).toEqual({
      client: 'CLOSED@1 SYN-SENT@1 ESTABLISHED@2',
      server: 'LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3',
    });
  });

  test('from SYN-SENT against an ACK of the past: the client waits on', () => {
    expect(
      states(`
      0.000 > S  0
      0.001 < A  77 -500
      0.002 > R  -500`).client,
    ).toBe('CLOSED@1 SYN-SENT@1');
  });

  test('a refusal that the client tries again after', () => {
    expect(
      states(`
      0.000 > S  0
      0.001 < RA -5000 1
      0.500 > S  0
      0.501 < RA -5000 1`).client,
    ).toBe('CLOSED@1 SYN-SENT@1 CLOSED@4');
  });
});

test('the ACK of the SYN,ACK and a FIN were not captured: a server that acknowledges more than the SYN is past its handshake, as a guess', () => {
  const missed = `
      0.000 > S  0
      0.001 < SA 0 1
      0.002 < A  1 2 100`;
  expect(states(`${missed}\n 0.003 > R 2`).server).toBe('LISTEN@1 SYN-RECEIVED@1 ESTABLISHED@3? CLOSED@4?');
  // A number from nowhere is no acknowledgment; and data alone may be fast open's.
  expect(states(missed.replace('1 2 100', '1 2000000000')).server).toBe('LISTEN@1 SYN-RECEIVED@1');
  expect(states(missed.replace('1 2 100', '1 1 100')).server).toBe('LISTEN@1 SYN-RECEIVED@1');
});

test('flags that make no segment of TCP claim nothing', () => {
  for (const flags of ['-', 'F', 'FPU', 'U']) expect(states(`0.000 > ${flags} 5`)).toEqual({ client: 'UNKNOWN@1?', server: 'UNKNOWN@1?' });
});
