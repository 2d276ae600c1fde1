import { expect, test } from 'vitest';
import { Lab } from './testing/lab.ts';

const both = (lab: Lab): { c: number; s: number } => {
  const c = lab.socket(lab.a);
  const s = lab.socket(lab.b);
  lab.value<void>((done) => lab.a.bind(c, { address: '10.0.0.1', port: 7001 }, done));
  lab.value<void>((done) => lab.b.bind(s, { address: '10.0.0.2', port: 7002 }, done));
  return { c, s };
};

test('simultaneous open: both send a SYN, both go through SYN-RECEIVED, one connection results', () => {
  const lab = new Lab();
  const { c, s } = both(lab);
  const first = lab.call<void>((done) => lab.a.connect(c, { address: '10.0.0.2', port: 7002 }, done));
  const second = lab.call<void>((done) => lab.b.connect(s, { address: '10.0.0.1', port: 7001 }, done));
  lab.run(100);
  expect([lab.errno(first), lab.errno(second)]).toEqual(['ok', 'ok']);
  for (const host of ['client', 'server'] as const) {
    expect(lab.states(host)).toEqual([
      `${host} CLOSED > SYN-SENT (active-open)`,
      `${host} SYN-SENT > SYN-RECEIVED (syn)`,
      `${host} SYN-RECEIVED > ESTABLISHED (ack-of-syn)`,
    ]);
  }
});

test('simultaneous close: both FINs cross, both ends go through CLOSING to TIME-WAIT', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.forget();
  lab.value<void>((done) => lab.a.close(c, done));
  lab.value<void>((done) => lab.b.close(s, done));
  lab.settle();
  for (const host of ['client', 'server'] as const) {
    expect(lab.states(host)).toEqual([
      `${host} ESTABLISHED > FIN-WAIT-1 (close)`,
      `${host} FIN-WAIT-1 > CLOSING (fin)`,
      `${host} CLOSING > TIME-WAIT (ack-of-fin)`,
      `${host} TIME-WAIT > CLOSED (time-wait-timeout)`,
    ]);
  }
});

test('closed from both sides before either is established: SYN-RECEIVED > FIN-WAIT-1, and still an orderly end', () => {
  const lab = new Lab();
  const { c, s } = both(lab);
  lab.call<void>((done) => lab.a.connect(c, { address: '10.0.0.2', port: 7002 }, done));
  lab.call<void>((done) => lab.b.connect(s, { address: '10.0.0.1', port: 7001 }, done));
  lab.run(5); // the SYNs have crossed
  lab.value<void>((done) => lab.a.close(c, done));
  lab.run(200);
  expect(lab.states('client')).toContain('client SYN-RECEIVED > FIN-WAIT-1 (close)');
  expect(lab.state(lab.server)).toBe('CLOSE-WAIT');
  lab.value<void>((done) => lab.b.close(s, done));
  lab.settle();
  expect(lab.isEmpty()).toBe(true);
});
