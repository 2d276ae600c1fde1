import { expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

/** Servers that share port 9502: SO_REUSEPORT on each. */
function sharing(lab: Lab, servers: number): number[] {
  return Array.from({ length: servers }, () => {
    const fd = lab.socket(lab.b);
    lab.value<void>((done) => lab.b.setsockopt(fd, 'SO_REUSEPORT', 1, done));
    lab.value<void>((done) => lab.b.bind(fd, { address: '0.0.0.0', port: 9502 }, done));
    lab.value<void>((done) => lab.b.listen(fd, 200, done));
    return fd;
  });
}

const queues = (lab: Lab): number[] => lab.engine.snapshot().hosts[1]!.listeners.map(({ acceptQueue }) => acceptQueue.length);

test('listeners that share a port share its connections, each about as many', () => {
  const lab = new Lab();
  sharing(lab, 4);
  const outcomes = Array.from({ length: 200 }, () => lab.connecting().outcome);
  lab.run(100);
  expect(outcomes.every((outcome) => lab.errno(outcome) === 'ok')).toBe(true);
  const shares = queues(lab);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(200);
  expect(Math.min(...shares)).toBeGreaterThan(25);
  expect(Math.max(...shares)).toBeLessThan(80);
});

test('a SYN sent again meets the same listener, and one that closes leaves its share to the others', () => {
  const lab = new Lab({ cable: { duplication: 1 } });
  const [first] = sharing(lab, 2);
  for (let i = 0; i < 20; i++) lab.connecting();
  lab.run(100);
  expect(queues(lab).reduce((sum, share) => sum + share, 0)).toBe(20);
  lab.value<void>((done) => lab.b.close(first!, done));
  for (let i = 0; i < 20; i++) lab.connecting();
  lab.run(100);
  expect(queues(lab)[0]).toBeGreaterThan(20);
});

test('who did not ask for it gets no share', () => {
  const lab = new Lab();
  sharing(lab, 1);
  const fd = lab.socket(lab.b);
  expect(lab.errno(lab.call<void>((done) => lab.b.bind(fd, { address: '0.0.0.0', port: 9502 }, done)))).toBe('EADDRINUSE');
});
