import type { TcpState } from '../../tcp-model/states.ts';
import { type Trigger, transition } from '../../tcp-model/transitions.ts';
import type { Segment } from '../../wire/segment.ts';
import type { Host } from '../host.ts';
import type { Ends } from '../probes.ts';

/** Whatever has a state: a connection, a listener, a connection in TIME-WAIT. */
export interface Stateful extends Ends {
  readonly host: Host;
  readonly id: number;
  state: TcpState;
}

/** THE one place where a state changes. A change that is not in the table is a bug and throws. */
export function setState(subject: Stateful, to: TcpState, trigger: Trigger, segment?: Segment): void {
  const from = subject.state;
  if (!transition(from, trigger, to)) throw new Error(`the table has no transition ${from} > ${to} on ${trigger}`);
  subject.state = to;
  subject.host.recorder?.touched(subject);
  count(subject.host, from, to);
  const { probes, clock } = subject.host;
  if (!probes.wants('state')) return;
  probes.emit({
    kind: 'state',
    at: clock.now,
    host: subject.host.name,
    connection: subject.id,
    localAddress: subject.localAddress,
    localPort: subject.localPort,
    remoteAddress: subject.remoteAddress,
    remotePort: subject.remotePort,
    from,
    to,
    trigger,
    ...(segment && { segment }),
  });
}

/** RFC 4022: CurrEstab counts ESTABLISHED and CLOSE-WAIT; like Linux, EstabResets counts leaving them for CLOSED. */
function count({ counters }: Host, from: TcpState, to: TcpState): void {
  const wasOpen = from === 'ESTABLISHED' || from === 'CLOSE-WAIT';
  const isOpen = to === 'ESTABLISHED' || to === 'CLOSE-WAIT';
  if (isOpen && !wasOpen) counters.add('CurrEstab');
  if (wasOpen && !isOpen) counters.add('CurrEstab', -1);
  if (wasOpen && to === 'CLOSED') counters.add('EstabResets');
  if (to === 'CLOSED' && (from === 'SYN-SENT' || from === 'SYN-RECEIVED')) counters.add('AttemptFails');
  if (to === 'LISTEN' && from === 'SYN-RECEIVED') counters.add('AttemptFails');
}
