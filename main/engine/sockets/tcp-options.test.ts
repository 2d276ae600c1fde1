import { expect, test } from 'vitest';
import { HandPlayed } from '../testing/peer.ts';

/** What a fresh socket's option reads after each value was set; an errno where it was refused. As measured on Linux 6.18. */
function reads(name: string, values: readonly number[]): (number | string)[] {
  const peer = new HandPlayed();
  const fd = peer.socket();
  return values.map((value) => {
    let told: number | string = '';
    peer.program.setsockopt(fd, name, value, (set) => {
      if (!set.ok) told = set.error.errno;
      else peer.program.getsockopt(fd, name, (got) => (told = got.ok ? Number(got.value) : got.error.errno));
    });
    return told;
  });
}

test.each([
  ['TCP_LINGER2', [500, -3, 0], [120, -1, 60]],
  ['TCP_SYNCNT', [0, 1, 127, 128], ['EINVAL', 1, 127, 'EINVAL']],
  ['TCP_KEEPIDLE', [0, 32_767, 40_000], ['EINVAL', 32_767, 'EINVAL']],
  ['TCP_KEEPCNT', [0, 127, 128], ['EINVAL', 127, 'EINVAL']],
  ['TCP_NOTSENT_LOWAT', [0, 1000], [0, 1000]],
  ['TCP_WINDOW_CLAMP', [100, 5000, 0], [1152, 5000, 0]],
  ['TCP_QUICKACK', [1], [1]],
  ['SO_RCVLOWAT', [0, 7], [1, 7]],
] as const)('%s, set to %j, reads %j', (name, values, expected) => {
  expect(reads(name, values)).toEqual(expected);
});
