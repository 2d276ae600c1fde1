import { TCP_STATES } from '../../../tcp-model/states.ts';
import { stateName } from '../../change-log.ts';
import { Known } from '../../flow.ts';
import { MARK } from '../../marks.ts';
import { EVENT_KINDS } from '../../record.ts';
import type { Subject } from '../subject.ts';
import type { Values } from '../values.ts';
import type { Field } from './field.ts';

/** States by the name the analysis has for them. */
export const STATE_NAMES: readonly string[] = [...TCP_STATES, 'UNKNOWN'];
const CERTAINTIES: readonly string[] = ['seen', 'assumed'];
const EVENTS: readonly string[] = EVENT_KINDS.filter((kind) => kind !== 'syn-timeout'); // no packet shows that one

/** The last change of an end that this segment, or one before it, is dated with; -1 before the first. */
function changeAt(s: Subject, client: boolean): number {
  const { log } = s.tables;
  let change = s.flowOfSide(client).lastChange;
  while (change >= 0 && log.datedBy(change) > s.row) change = log.previous(change);
  return change;
}

function stateAt(s: Subject, client: boolean): string {
  const change = changeAt(s, client);
  return stateName(change < 0 ? s.flowOfSide(client).initialState : s.tables.log.state(change));
}

function certaintyAt(s: Subject, client: boolean): string {
  const change = changeAt(s, client);
  const assumed =
    change < 0 ? s.flowOfSide(client).has(Known.ASSUMED_START) || stateAt(s, client) === 'UNKNOWN' : s.tables.log.assumed(change);
  return assumed ? 'assumed' : 'seen';
}

/** The states an end enters with this segment. */
function entered(s: Subject, client: boolean, out: Values): void {
  const { log } = s.tables;
  for (let change = changeAt(s, client); change >= 0 && log.datedBy(change) === s.row; change = log.previous(change))
    out.add(stateName(log.state(change)));
}

const text = (name: string, title: string, values: readonly string[], list: (s: Subject, out: Values) => void): Field => ({
  name,
  kind: 'string',
  title,
  values,
  columns: { list },
});

/** What this analysis knows and Wireshark does not: states of both ends, how sure they are, and all events by name. */
export const INFERRED_FIELDS: readonly Field[] = [
  text('tcp.state', 'state of either end, once this segment was seen', STATE_NAMES, (s, out) => {
    out.add(stateAt(s, true));
    out.add(stateAt(s, false));
  }),
  text('tcp.state.client', 'state of the client, once this segment was seen', STATE_NAMES, (s, out) => out.add(stateAt(s, true))),
  text('tcp.state.server', 'state of the server, once this segment was seen', STATE_NAMES, (s, out) => out.add(stateAt(s, false))),
  text('tcp.state.entered', 'a state that either end enters with this segment', STATE_NAMES, (s, out) => {
    entered(s, true, out);
    entered(s, false, out);
  }),
  text('tcp.state.client.certainty', 'what the claim about the client rests on', CERTAINTIES, (s, out) => out.add(certaintyAt(s, true))),
  text('tcp.state.server.certainty', 'what the claim about the server rests on', CERTAINTIES, (s, out) => out.add(certaintyAt(s, false))),
  text('tcp.event', 'an event that this segment shows', EVENTS, (s, out) => {
    for (const kind of EVENT_KINDS) if ((s.page.marks(s.i) & MARK[kind]) !== 0) out.add(kind);
  }),
  text('tcp.side', 'who sent it', ['client', 'server'], (s, out) => out.add(s.fromClient ? 'client' : 'server')),
];
