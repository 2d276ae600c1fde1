import { seconds } from '../../wire/units.ts';
import { INITIAL_RTO, MAX_RTO } from '../tcp/rtt.ts';
import { count, type Option } from './option.ts';

/** Seconds as the number of timeouts that last so long: 1, 3, 7, 15 ... (Linux secs_to_retrans). */
function timeoutsIn(wanted: number): number {
  if (wanted <= 0) return 0;
  let timeouts = 1;
  while (seconds(wanted) > lasting(timeouts) && timeouts < 255) timeouts++;
  return timeouts;
}

/** How long so many timeouts last, each twice as long as the one before. */
function lasting(timeouts: number): number {
  let total = 0;
  for (let i = 0; i < timeouts; i++) total += Math.min(INITIAL_RTO * 2 ** i, MAX_RTO);
  return total;
}

/** Options of level IPPROTO_TCP (tcp(7)). */
export const TCP_OPTIONS = {
  TCP_DEFER_ACCEPT: count(
    ({ settings }) => lasting(settings.deferAccept) / 1e9,
    ({ settings }, wanted) => {
      settings.deferAccept = timeoutsIn(wanted);
      return undefined;
    },
  ),
  TCP_SYNCNT: count(
    ({ settings, host }) => settings.synRetries ?? host.sysctls.get('net.ipv4.tcp_syn_retries'),
    ({ settings }, retries) => {
      settings.synRetries = retries;
      return undefined;
    },
    1,
    127,
  ),
} as const satisfies Record<string, Option>;
