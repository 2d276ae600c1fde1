import type { ConnectionRecord } from '../../../preload/contract.ts';
import { type Analysed, alignFiles, analyzeFile, annotate, filterOf, type Selection, select } from '../../workbench/terminal.ts';
import { alignedJson, alignedText, fatesText } from './aligned.ts';
import { type Command, number, parse, UsageError, unusable } from './command.ts';
import { connectionText, everyConnection, writeConnections, writeRecord, writeRecords } from './connections.ts';
import { findingsText } from './findings.ts';
import { decimal } from './json.ts';
import { listenersText, MOST_LISTENERS, SHOWN_LISTENERS } from './listeners.ts';
import type { Output } from './output.ts';
import { columns } from './table.ts';

/** One connection with every change of state: when, which end, what, which packet, by what rule. */
export function historyText(record: ConnectionRecord): string {
  const changes = (['client', 'server'] as const)
    .flatMap((side) => record.states[side].map((span) => ({ side, span })))
    .sort((a, b) => a.span.from.seconds - b.span.from.seconds || a.span.from.nanoseconds - b.span.from.nanoseconds);
  const rows = changes.map(({ side, span }) => [
    decimal(span.from),
    side,
    span.state,
    `packet ${span.packet}`,
    span.certainty,
    span.trigger,
  ]);
  return columns(['TIME', 'END', 'STATE', 'BECAUSE OF', 'CERTAINTY', 'RULE'], rows);
}

/** The connections to tell of: all, or those with a segment that passes. */
const chosen = (analysed: Analysed, selection: Selection | undefined): Iterable<number> =>
  selection ? [...selection.connections].sort((a, b) => a - b) : everyConnection(analysed);

async function writeJson(analysed: Analysed, selection: Selection | undefined, output: Output): Promise<void> {
  const { packets, tcpPackets, malformed } = analysed.summary;
  const { note, unread } = analysed;
  output.write('{');
  output.members({
    packets,
    tcpPackets,
    malformed,
    ...(note && { note }),
    ...(unread && { unread }),
    ...(selection && { frames: [...selection.frames()] }),
  });
  output.write(',');
  await writeRecords(analysed, chosen(analysed, selection), output);
  output.write(',');
  output.members({ listeners: analysed.listeners(MOST_LISTENERS).listeners, findings: analysed.findings() });
  output.line('}');
}

const passing = ({ rows, connections }: Selection): string => `${rows.count} segments of ${connections.length} connections pass the filter`;

/** A capture from each end. */
async function analyzeBoth(first: string, second: string, only: number | undefined, json: boolean, output: Output): Promise<number> {
  const read = await alignFiles(first, second);
  if (!read.ok) throw unusable(read.error);
  const aligned = read.value;
  for (const note of aligned.notes) process.stderr.write(`tcpwb: ${note}\n`);
  const connection = only === undefined ? undefined : aligned.connections.find(({ a }) => a === only);
  if (only !== undefined && !connection) throw new UsageError(`connection ${only} of ${first} is not in ${second}`);
  if (json) output.jsonLine(alignedJson(aligned, connection));
  else output.line(connection ? fatesText(aligned, connection) : alignedText(aligned));
  return 0;
}

export const analyze: Command = {
  synopsis: 'FILE [--summary] [--connection N] [-Y FILTER] [--checksums] [--with FILE2]',
  does: 'connections, both endpoints’ state history, events and diagnosis of a capture: pcap, pcapng, gzip of either; - reads standard input',
  options: [
    '--summary         only totals, times, and counts by state and by kind of event',
    '--connection N    one connection, with every change of state',
    '-Y FILTER         only connections with a segment that passes a display filter; --json lists the frames that do',
    '-w FILE2          the capture again, as pcapng, with each change of state and each finding as a comment of its packet',
    '--checksums       every segment’s checksum is checked; wrong ones are events of their own',
    '--with FILE2      a capture of the same connections from the other end: clocks aligned, losses by direction',
  ],
  async run(args, output) {
    const { values, positionals } = parse(
      args,
      {
        summary: { type: 'boolean' },
        connection: { type: 'string' },
        filter: { type: 'string', short: 'Y' },
        with: { type: 'string' },
        write: { type: 'string', short: 'w' },
        checksums: { type: 'boolean' },
      },
      ['FILE'],
    );
    const filter = values.filter === undefined ? undefined : filterOf(values.filter);
    if (filter && !filter.ok) throw unusable(filter.error);
    if (filter && (values.summary || values.connection))
      throw new UsageError('-Y chooses connections; leave --summary and --connection out');
    if (values.with !== undefined && (filter || values.summary || values.checksums))
      throw new UsageError('--with goes with --connection and --json alone');
    const only = number('--connection', values.connection, { min: 0, max: 2 ** 31, whole: true });
    if (values.with !== undefined) return analyzeBoth(positionals[0] as string, values.with, only, values.json === true, output);
    const read = await analyzeFile(positionals[0] as string, { checksums: values.checksums === true });
    if (!read.ok) throw unusable(read.error);
    const analysed = read.value;
    if (values.write !== undefined) {
      const annotated = await annotate(positionals[0] as string, values.write, analysed);
      if (!annotated.ok) throw unusable(annotated.error);
    }
    for (const said of [analysed.note, analysed.unread]) if (said) process.stderr.write(`tcpwb: ${said}\n`);
    const { summary } = analysed;
    if (values.summary) {
      if (values.json) output.jsonLine(summary);
      else {
        output.line(
          `${summary.packets} packets, ${summary.tcpPackets} TCP, ${summary.malformed} malformed, ${summary.connections} connections`,
        );
        if (summary.start && summary.end) output.line(`from ${decimal(summary.start)} to ${decimal(summary.end)}`);
        const counts = (title: string, of: { readonly [name: string]: number }) => {
          const found = Object.entries(of).filter(([, n]) => n > 0);
          if (found.length > 0) output.line(`${title}: ${found.map(([name, n]) => `${name} ${n}`).join(', ')}`);
        };
        counts('endpoints by state', summary.states);
        counts('events', summary.events);
      }
      return 0;
    }
    if (only !== undefined) {
      if (only >= analysed.connectionCount)
        throw new UsageError(`there is no connection ${only}: the capture has ${analysed.connectionCount}, counted from 0`);
      if (values.json) {
        await writeRecord(analysed, only, output);
        output.line('');
      } else
        output.line(
          `${connectionText(analysed, only)}\n${historyText(analysed.record(only, { latestEvents: 0 }))}\n${findingsText(analysed.findings(only), '')}`,
        );
      return 0;
    }
    const selection = filter && (await select(positionals[0] as string, analysed.analysis, filter.value));
    if (selection && !selection.ok) throw unusable(selection.error);
    if (values.json) await writeJson(analysed, selection?.value, output);
    else {
      output.line(
        `${summary.packets} packets, ${summary.tcpPackets} TCP, ${summary.malformed} malformed, ${summary.connections} connections\n`,
      );
      const across = selection
        ? passing(selection.value)
        : [listenersText(analysed.listeners(SHOWN_LISTENERS)), findingsText(analysed.findings(), '')].filter(Boolean).join('\n\n');
      if (across) output.line(`${across}\n`);
      await writeConnections(analysed, chosen(analysed, selection?.value), output);
    }
    return 0;
  },
};
