import { describe, expect, it } from 'vitest';
import { seconds } from '../wire/units.ts';
import { Engine } from './engine.ts';

const ADDRESS = '127.0.0.1';

/** A host with eight ephemeral ports, listeners on 7 and 8, and a client that tells which port it got, or why none. */
function eightPorts() {
  const engine = new Engine({ seed: 1 });
  const sysctls = { 'net.ipv4.ip_local_port_range': [50_000, 50_007] };
  const host = engine.host({ name: 'host', addresses: ['10.0.0.1/24'], sysctls });
  const [client, server] = [host.process('client'), host.process('server')];
  for (const port of [7, 8])
    server.socket('AF_INET', 'SOCK_STREAM', (made) => {
      if (!made.ok) throw new Error(made.error.errno);
      server.bind(made.value, { address: ADDRESS, port }, () => {});
      server.listen(made.value, 100, () => {});
    });
  const descriptors = new Map<number, number>();
  const connect = (port: number): number | string => {
    let outcome: number | string | undefined;
    client.socket('AF_INET', 'SOCK_STREAM', (made) => {
      if (!made.ok) throw new Error(made.error.errno);
      client.connect(made.value, { address: ADDRESS, port }, (connected) => {
        if (connected.ok) client.getsockname(made.value, (name) => (outcome = name.ok ? name.value.port : name.error.errno));
        else outcome = connected.error.errno;
        descriptors.set(Number(outcome), made.value);
      });
    });
    while (outcome === undefined && engine.step());
    return outcome ?? 'nothing happened';
  };
  return { engine, connect, close: (localPort: number) => client.close(descriptors.get(localPort)!, () => {}) };
}

describe('ephemeral ports', () => {
  it('are the even ones as long as there are any, then the odd ones, then none', () => {
    const { connect } = eightPorts();
    const taken = Array.from({ length: 8 }, () => connect(7));
    expect(taken.slice(0, 4).sort()).toEqual([50_000, 50_002, 50_004, 50_006]);
    expect(taken.slice(4).sort()).toEqual([50_001, 50_003, 50_005, 50_007]);
    expect(connect(7)).toBe('EADDRNOTAVAIL');
  });

  it('are taken for one destination only', () => {
    const { connect } = eightPorts();
    for (let i = 0; i < 8; i++) connect(7);
    expect(connect(8)).toBeTypeOf('number');
  });

  it.each([50_002, 50_005])('come back when their connection is over: %i', (port) => {
    const { engine, connect, close } = eightPorts();
    for (let i = 0; i < 8; i++) connect(7);
    close(port);
    expect(connect(7)).toBe('EADDRNOTAVAIL');
    engine.runFor(seconds(61)); // the server never closes: FIN-WAIT-2 ends by itself
    expect(connect(7)).toBe(port);
  });

  it('that are even are taken first again once they are free', () => {
    const { engine, connect, close } = eightPorts();
    const taken = Array.from({ length: 5 }, () => connect(7));
    close(Number(taken[0]));
    engine.runFor(seconds(61));
    expect(connect(7)).toBe(taken[0]);
  });
});
