import { captureLive, type Watch } from '../../workbench/terminal.ts';
import { connectionText, path } from './analyze.ts';
import { type Command, number, parse, UsageError, unusable } from './command.ts';
import { findingsText } from './findings.ts';
import { toJson } from './json.ts';

const BACKENDS = ['helper', 'cap', 'dumpcap'] as const;
const REFRESH_MS = 500;

export const capture: Command = {
  synopsis: '-i IF [-f BPF] [-w FILE] [--duration S] [--backend helper|cap|dumpcap] [--ssh HOST]',
  does: 'live capture until --duration, Ctrl-C or the end of the interface; then connections, both ends’ states, and what was dropped',
  options: [
    '-i IF            the interface; any for all of them',
    '-f BPF           a capture filter, as tcpdump takes it',
    '-w FILE          what was captured, as pcapng',
    '--duration S     seconds',
    '--backend B      how to capture; the best one there is when left out',
    '--ssh HOST       another machine’s interface, by its own dumpcap or tcpdump; [USER@]HOST as ssh takes it',
    '-s N             octets kept of each packet',
    '-p               not in promiscuous mode',
  ],
  async run(args, output) {
    const { values } = parse(
      args,
      {
        interface: { type: 'string', short: 'i' },
        filter: { type: 'string', short: 'f' },
        write: { type: 'string', short: 'w' },
        duration: { type: 'string' },
        backend: { type: 'string' },
        ssh: { type: 'string' },
        snaplen: { type: 'string', short: 's' },
        'no-promiscuous': { type: 'boolean', short: 'p' },
      },
      [],
    );
    if (values.interface === undefined) throw new UsageError('-i IF is missing; tcpwb interfaces lists them');
    const backend = BACKENDS.find((one) => one === values.backend);
    if (values.backend !== undefined && backend === undefined)
      throw new UsageError(`--backend is one of ${BACKENDS.join(', ')}, not "${values.backend}"`);
    if (values.backend !== undefined && values.ssh !== undefined)
      throw new UsageError('--backend is for captures on this machine, not with --ssh');
    const duration = number('--duration', values.duration, { min: 0.001, max: 86_400 * 365 });
    const snapshotLength = number('-s', values.snaplen, { min: 64, max: 262_144, whole: true });

    const stop = new AbortController();
    const interrupted = () => stop.abort();
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    const timer = duration === undefined ? undefined : setTimeout(interrupted, duration * 1000);
    const live = process.stdout.isTTY && !values.json ? liveTable() : undefined;
    const captured = await captureLive(
      {
        interface: values.interface,
        ...(values.filter === undefined ? {} : { filter: values.filter }),
        ...(backend === undefined ? {} : { backend }),
        ...(values.ssh === undefined ? {} : { host: values.ssh }),
        ...(snapshotLength === undefined ? {} : { snapshotLength }),
        ...(values['no-promiscuous'] ? { promiscuous: false } : {}),
        ...(values.write === undefined ? {} : { write: values.write }),
      },
      stop.signal,
      (used) => {
        if (!values.json)
          process.stderr.write(
            `Capturing on ${values.ssh === undefined ? '' : `${values.ssh}:`}${values.interface} (${used}). ${duration === undefined ? 'Ctrl-C ends it.' : ''}\n`,
          );
      },
      live,
    );
    clearTimeout(timer);
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    if (!captured.ok) throw unusable(captured.error);
    const { summary, connectionCount, record, findings, counters, backend: used, lost } = captured.value;
    const records = Array.from({ length: connectionCount }, (_, id) => record(id));
    if (values.json) {
      const { packets, tcpPackets, malformed } = summary;
      output.line(
        toJson({
          packets,
          tcpPackets,
          malformed,
          ...counters,
          backend: used,
          ...(lost ? { lost } : {}),
          connections: records.map((one) => ({ ...one, findings: findings(one.id) })),
          findings: findings(),
        }),
      );
    } else {
      const across = findingsText(findings(), '');
      if (across) output.line(`${across}\n`);
      for (const record of records) output.line(connectionText(record) + findingsText(findings(record.id)));
      output.line(
        `${summary.packets} packets, ${summary.tcpPackets} TCP, ${summary.malformed} malformed, ${summary.connections} connections; dropped by kernel ${counters.droppedByKernel}, by interface ${counters.droppedByInterface}, by us ${counters.droppedByQueue}`,
      );
    }
    await output.flush();
    if (!lost) return 0;
    process.stderr.write(`tcpwb: ${lost.message}${lost.help ? ` ${lost.help}` : ''} What was captured is above.\n`);
    return 1;
  },
};

/** A table of the latest connections, drawn over itself while the capture runs. */
function liveTable(): Watch {
  let drawn = 0;
  return {
    everyMs: REFRESH_MS,
    draw({ summary, connectionCount, record }) {
      const width = process.stdout.columns || 80;
      const shown = Math.min(connectionCount, Math.max(1, (process.stdout.rows || 24) - 4));
      const rows = Array.from({ length: shown }, (_, i) => record(connectionCount - shown + i)).map(
        ({ id, client, server, states }) =>
          `#${id} ${client.address}:${client.port} ${path(states.client.slice(-1))}  ⇄  ${path(states.server.slice(-1))} ${server.address}:${server.port}`,
      );
      const lines = [`${summary.packets} packets, ${summary.connections} connections`, ...rows].map((line) => line.slice(0, width - 1));
      process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`);
      drawn = lines.length;
    },
  };
}
