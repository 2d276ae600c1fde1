import { expect, test } from 'vitest';
import { Tun, type TunOptions } from './tun.ts';

const options: TunOptions = { name: 'tcpwb-none', mtu: 1500, addresses: [], routes: [] };
const NOTHING = { onWaiting: () => {}, onLost: () => {} };
const failure = (changes: Partial<TunOptions>) => {
  const opened = Tun.open({ ...options, ...changes }, NOTHING);
  if (opened.ok) opened.value.close();
  return opened.ok ? undefined : opened.error;
};

test('on another system it says so', () => {
  expect(failure({ places: { platform: 'darwin' } })).toMatchObject({ kind: 'not-linux', message: expect.stringContaining('darwin') });
});

test('where the native code was not built, it names the command that builds it', () => {
  expect(failure({ places: { within: '/' } })).toMatchObject({ kind: 'not-built', help: 'Build it: make -C native/linux' });
});

test.each(['', 'sixteen-letters-', 'two words', 'a/b', 'a:b', '..', 'näme-mit-umläut'])('"%s" is no name', (name) => {
  expect(failure({ name })).toMatchObject({ kind: 'bad-name' });
});

test('the name of an interface that is no TUN is taken', () => {
  expect(failure({ name: 'lo' })).toMatchObject({ kind: 'name-taken', message: expect.stringContaining('lo') });
});
