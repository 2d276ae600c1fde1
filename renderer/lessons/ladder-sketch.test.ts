import { expect, test } from 'vitest';
import { parseLadderSketch } from './ladder-sketch.ts';

test('two hosts and their arrows', () => {
  expect(parseLadderSketch('client | server\n> SYN\n< SYN,ACK\n> PSH,ACK 7\n')).toEqual({
    left: 'client',
    right: 'server',
    arrows: [
      { towardsRight: true, label: 'SYN' },
      { towardsRight: false, label: 'SYN,ACK' },
      { towardsRight: true, label: 'PSH,ACK 7' },
    ],
  });
});
test.each(['', 'client', 'client | server\nSYN', '| server\n> SYN'])('%j is no ladder', (text) => {
  expect(parseLadderSketch(text)).toBeUndefined();
});
