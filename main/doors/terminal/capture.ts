import { captureLive, fromGrowing, fromInterface, type KnownDrops, refuseOverwriting, type Watch } from '../../workbench/terminal.ts';
import { type Command, number, parse, UsageError, unusable } from './command.ts';
import { everyConnection, path, writeConnections, writeRecords } from './connections.ts';
import { findingsText } from './findings.ts';

const BACKENDS = ['helper', 'cap', 'dumpcap'] as const;
const REFRESH_MS = 500;

export const capture: Command = {
  synopsis: '-i IF | -r FILE [-f BPF] [-w FILE] [--duration S] [--backend helper|cap|dumpcap] [--ssh HOST] [--verbose]',
  does: 'live capture until --duration, Ctrl-C or the end of the interface; then connections, both ends’ states, and what was dropped',
  options: [
    '-i IF            the interface; any for all of them',
    '-r FILE          a pcap or pcapng that somebody is still writing, followed until Ctrl-C; - is standard input: tcpdump -w - | tcpwb capture -r -',
    '-f BPF           a capture filter, as tcpdump takes it',
    '-w FILE          what was captured, as pcapng',
    '--duration S     seconds',
    '--backend B      how to capture; the best one there is when left out',
    '--ssh HOST       another machine’s interface, by its own dumpcap or tcpdump; [USER@]HOST as ssh takes it',
    '-s N             octets kept of each packet',
    '-p               not in promiscuous mode',
    '--verbose        with --json: a line on standard error once packets are being captured',
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
        read: { type: 'string', short: 'r' },
        verbose: { type: 'boolean' },
      },
      [],
    );
    const from = sourceOf(values);
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
    const tell = (line: string) => process.stderr.write(`${line}\n`);
    const until = duration === undefined ? ' Ctrl-C ends it.' : '';
    const captured = await captureLive({
      open:
        from.kind === 'file'
          ? fromGrowing(from.path, (line) => tell(`tcpwb: ${line}`))
          : fromInterface({
              interface: from.interface,
              ...(values.filter === undefined ? {} : { filter: values.filter }),
              ...(backend === undefined ? {} : { backend }),
              ...(values.ssh === undefined ? {} : { host: values.ssh }),
              ...(snapshotLength === undefined ? {} : { snapshotLength }),
              ...(values['no-promiscuous'] ? { promiscuous: false } : {}),
            }),
      write: values.write,
      stop: stop.signal,
      onOpen: (used) => {
        if (values.json && !values.verbose) return; // a program reads standard error too
        if (from.kind === 'file') tell(`Following ${from.path === '-' ? 'standard input' : from.path}.${until}`);
        else tell(`Capturing on ${values.ssh === undefined ? '' : `${values.ssh}:`}${from.interface} (${used}).${until}`);
      },
      onUnwritten: ({ message }) => tell(`tcpwb: ${message} The capture goes on without its file, which ends there.`),
      watch: live,
    });
    clearTimeout(timer);
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    if (!captured.ok) throw unusable(captured.error);
    const { summary, findings, counters, backend: used, lost, unwritten } = captured.value;
    const { packets, tcpPackets, malformed, connections } = summary;
    const all = everyConnection(captured.value);
    if (values.json) {
      const head = {
        packets,
        tcpPackets,
        malformed,
        ...counters,
        ...(used ? { backend: used } : {}),
        ...(lost ? { lost } : {}),
        ...(unwritten ? { unwritten } : {}),
      };
      output.write('{');
      output.members(head);
      output.write(',');
      await writeRecords(captured.value, all, output);
      output.write(',');
      output.members({ findings: findings() });
      output.line('}');
    } else {
      const across = findingsText(findings(), '');
      if (across) output.line(`${across}\n`);
      await writeConnections(captured.value, all, output);
      output.line(
        `${packets} packets, ${tcpPackets} TCP, ${malformed} malformed, ${connections} connections${counters ? droppedText(counters) : ''}`,
      );
    }
    await output.flush();
    if (captured.value.unread) tell(`tcpwb: ${captured.value.unread}`);
    if (!lost) return unwritten ? 1 : 0;
    process.stderr.write(`tcpwb: ${lost.message}${lost.help ? ` ${lost.help}` : ''} What was captured is above.\n`);
    return 1;
  },
};

interface Asked {
  readonly interface?: string | undefined;
  readonly read?: string | undefined;
  readonly write?: string | undefined;
}

/** Options that only an interface has. */
const OF_INTERFACE = { filter: '-f', backend: '--backend', ssh: '--ssh', snaplen: '-s', 'no-promiscuous': '-p' } as const;

/** An interface, or a file that is still being written. */
function sourceOf(
  values: Asked & { readonly [K in keyof typeof OF_INTERFACE]?: unknown },
): { readonly kind: 'interface'; readonly interface: string } | { readonly kind: 'file'; readonly path: string } {
  if (values.read === undefined) {
    if (values.interface === undefined) throw new UsageError('-i IF is missing; tcpwb interfaces lists them');
    return { kind: 'interface', interface: values.interface };
  }
  if (values.interface !== undefined) throw new UsageError('-i and -r exclude each other: an interface, or a file');
  for (const [name, option] of Object.entries(OF_INTERFACE))
    if (values[name as keyof typeof OF_INTERFACE] !== undefined) throw new UsageError(`${option} is for an interface, not with -r`);
  const fits = values.write === undefined ? undefined : refuseOverwriting(values.read, values.write);
  if (fits && !fits.ok) throw unusable(fits.error);
  return { kind: 'file', path: values.read };
}

function droppedText({ droppedByKernel, droppedByInterface, droppedByQueue }: KnownDrops): string {
  const kernel = droppedByKernel === undefined ? 'nobody tells how many by the kernel' : `by the kernel ${droppedByKernel}`;
  return `; dropped: ${kernel}, ${droppedByInterface === undefined ? '' : `by the interface ${droppedByInterface}, `}by us ${droppedByQueue}`;
}

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
