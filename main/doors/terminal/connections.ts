import type { ConnectionEvent, ConnectionRecord } from '../../../preload/contract.ts';
import type { Answers } from '../../workbench/terminal.ts';
import { findingsText } from './findings.ts';
import { decimal } from './json.ts';
import type { Output } from './output.ts';

/** Events are counted or written one by one: a long connection has millions. */
const WITHOUT_EVENTS = { latestEvents: 0 } as const;

export const path = (spans: readonly { readonly state: string }[]): string => spans.map(({ state }) => state).join(' > ');

function counted(events: Iterable<ConnectionEvent>): string {
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, n]) => (n > 1 ? `${kind} ×${n}` : kind)).join(', ');
}

/** A connection in a few lines. */
export const connectionText = (answers: Answers, id: number): string =>
  describe(answers.record(id, WITHOUT_EVENTS), counted(answers.events(id)));

function describe({ id, client, server, packets, bytes, start, states }: ConnectionRecord, events: string): string {
  const name = ({ address, port }: typeof client) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  return [
    `#${id}  ${name(client)} → ${name(server)}  from ${decimal(start)}  packets ${packets.client}/${packets.server}  octets ${bytes.client}/${bytes.server}`,
    `    client  ${path(states.client)}`,
    `    server  ${path(states.server)}`,
    ...(events ? [`    events  ${events}`] : []),
    '',
  ].join('\n');
}

/** These connections, each with its findings, for a reader. */
export async function writeConnections(answers: Answers, ids: Iterable<number>, output: Output): Promise<void> {
  for (const id of ids) {
    output.line(connectionText(answers, id) + findingsText(answers.findings(id)));
    if (output.isFull) await output.flush();
  }
}

/** A record with its findings, for a program. */
export async function writeRecord(answers: Answers, id: number, output: Output): Promise<void> {
  output.write('{');
  output.members(answers.record(id, WITHOUT_EVENTS), 'events');
  output.write(',"events":[');
  let between = '';
  for (const event of answers.events(id)) {
    if (between) output.write(between);
    between = ',';
    output.json(event);
    if (output.isFull) await output.flush();
  }
  output.write('],"findings":');
  output.json(answers.findings(id));
  output.write('}');
}

/** The member `connections` of an object that is being written. */
export async function writeRecords(answers: Answers, ids: Iterable<number>, output: Output): Promise<void> {
  output.write('"connections":[');
  let between = '';
  for (const id of ids) {
    output.write(between);
    between = ',';
    await writeRecord(answers, id, output);
    if (output.isFull) await output.flush();
  }
  output.write(']');
}

/** All connections, in the order of their first packets. */
export function* everyConnection({ connectionCount }: Answers): Generator<number> {
  for (let id = 0; id < connectionCount; id++) yield id;
}
