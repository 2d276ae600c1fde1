import { expect, test } from 'vitest';
import { formatEndpoint, shortened } from './endpoint.ts';
import { formatFlags } from './flags.ts';
import { formatCount, formatOctets } from './numbers.ts';
import { formatDuration, formatTick } from './time.ts';

test.each([
  [0, '0 s'],
  [4.2e-5, '42 µs'],
  [0.0012036, '1.204 ms'],
  [0.9996, '1 s'],
  [61.204, '61.2 s'],
  [302, '5:02 min'],
  [-0.5, '−500 ms'],
])('%d s reads %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test.each([
  [0, 1, '0'],
  [5, 1, '5 s'],
  [0.2, 0.1, '200 ms'],
  [1.2, 0.1, '1.2 s'],
  [0.0005, 0.0001, '500 µs'],
  [90, 60, '1:30'],
])('a tick at %d s with ticks every %d s reads %s', (seconds, step, text) => expect(formatTick(seconds, step)).toBe(text));

test('octets take binary prefixes', () => {
  expect([0, 1023, 1024, 65_536, 1_572_864].map(formatOctets)).toEqual(['0 B', '1023 B', '1 KiB', '64 KiB', '1.5 MiB']);
  expect(formatCount(12408)).toBe('12,408');
});

test('flags are named as the RFC names them', () => {
  expect([0x02, 0x12, 0x18, 0x11, 0x00].map(formatFlags)).toEqual(['SYN', 'SYN,ACK', 'PSH,ACK', 'FIN,ACK', 'none']);
});

test('an IPv6 address stands in brackets before its port', () => {
  expect(formatEndpoint({ address: '::1', port: 80 })).toBe('[::1]:80');
  expect(formatEndpoint({ address: '10.0.0.1', port: 80 })).toBe('10.0.0.1:80');
});

test('where room is short the middle of an address gives way', () => {
  expect(shortened('10.0.0.1:80', 24)).toBe('10.0.0.1:80');
  expect(shortened('[2001:db8:beef:cafe:1234:5678:90ab:3]:20021', 24)).toBe('[2001:db8:…90ab:3]:20021');
});
