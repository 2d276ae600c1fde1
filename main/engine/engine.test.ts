import { expect, test } from 'vitest';
import { ms } from '../wire/units.ts';
import { Engine } from './engine.ts';
import { echoClient } from './programs/echo-client.ts';
import { echoServer } from './programs/echo-server.ts';

test('an echo session lives its whole life and leaves nothing behind', () => {
  const engine = new Engine({ seed: 1 });
  const a = engine.host({ name: 'client', addresses: ['10.0.0.1/24'] });
  const b = engine.host({ name: 'server', addresses: ['10.0.0.2/24'] });
  engine.cable(a, b, { delay: ms(5) });
  const states: string[] = [];
  engine.probes.on('state', (e) => states.push(`${e.host} ${e.from} > ${e.to}`));
  echoServer(b.process('echo'), { address: '10.0.0.2', port: 9502 }, (r) => expect(r.ok).toBe(true));
  let echoed: string | undefined;
  const text = new TextEncoder().encode('hello');
  echoClient(a.process('nc'), { address: '10.0.0.2', port: 9502, messages: [text, text] }, (r) => {
    echoed = r.ok ? r.value.map((x) => new TextDecoder().decode(x)).join() : r.error.errno;
  });
  engine.runUntilIdle(1000);
  expect(echoed).toBe('hello,hello');
  expect(states).toEqual([
    'server CLOSED > LISTEN',
    'client CLOSED > SYN-SENT',
    'server LISTEN > SYN-RECEIVED',
    'client SYN-SENT > ESTABLISHED',
    'server SYN-RECEIVED > ESTABLISHED',
    'client ESTABLISHED > FIN-WAIT-1',
    'server ESTABLISHED > CLOSE-WAIT',
    'server CLOSE-WAIT > LAST-ACK',
    'client FIN-WAIT-1 > FIN-WAIT-2',
    'client FIN-WAIT-2 > TIME-WAIT',
    'server LAST-ACK > CLOSED',
    'client TIME-WAIT > CLOSED',
  ]);
  expect(engine.snapshot().hosts.map((h) => [h.connections.length, h.timeWait.length])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});
