import { dropPrivileges, TunHost, type TunSummary } from '../../workbench/terminal.ts';
import { type Command, number, parse, UsageError, unusable } from './command.ts';

export const engine: Command = {
  synopsis: '--tun NAME --address CIDR (--echo PORT | --relay PORT=ADDRESS:PORT | --connect ADDRESS:PORT) [-w FILE]',
  does: 'an engine host on a Linux TUN interface, in real time, so that real programs talk to it; until Ctrl-C, or the end of --connect',
  options: [
    '--tun NAME         the interface to make; tun%d takes the next free number. It vanishes with this program',
    '--address CIDR     the engine host’s own address, such as 10.9.0.2/24; may be given again, for IPv6 too. The kernel’s side',
    '                   gets the first host of the same subnet (10.9.0.1/24), or the second when the first is the engine’s;',
    '                   with /32 or /128 it gets none, only a route to the engine',
    '--echo PORT        a server that sends back what it gets',
    '--relay PORT=ADDRESS:PORT   a server that connects each client to another server, on the kernel’s side say: so iperf3 or a',
    '                   browser, which need a server of their own, go through the engine both ways',
    '--connect ADDRESS:PORT      a client: sends standard input, prints what comes back, ends when both have ended',
    '-w FILE            every packet as the host sees it, as pcapng',
    '--mtu N            octets of the largest packet, default 1500',
    '--delay MS         what befalls packets on the way to and from the host, in each direction: milliseconds,',
    '--loss P           and probabilities, such as 0.01 or 1%',
    '--reorder P',
    '--duplicate P',
    '--seed N           the seed of what befalls them, default 1',
    'IPv6 addresses of servers are written [fd09::1]:7.',
    'With --connect, standard output is what came back, and what is told goes to standard error.',
    'Making an interface needs CAP_NET_ADMIN: run it with sudo; root is given up once the interface is there.',
  ],
  async run(args, output) {
    const { values } = parse(
      args,
      {
        tun: { type: 'string' },
        address: { type: 'string', multiple: true },
        echo: { type: 'string' },
        relay: { type: 'string' },
        connect: { type: 'string' },
        write: { type: 'string', short: 'w' },
        mtu: { type: 'string' },
        delay: { type: 'string' },
        loss: { type: 'string' },
        reorder: { type: 'string' },
        duplicate: { type: 'string' },
        seed: { type: 'string' },
      },
      [],
    );
    if (values.tun === undefined) throw new UsageError('--tun NAME is missing, such as --tun tcpwb0');
    if (values.address === undefined) throw new UsageError('--address CIDR is missing, such as --address 10.9.0.2/24');
    const port = number('--echo', values.echo, PORTS);
    const relayed = relayOf(values.relay);
    const server = values.connect === undefined ? undefined : endpoint('--connect', values.connect);
    if (port === undefined && !relayed && !server)
      throw new UsageError('there is nothing to do: give --echo PORT, --relay PORT=ADDRESS:PORT or --connect ADDRESS:PORT');

    const opened = await TunHost.open({
      name: values.tun,
      addresses: values.address,
      seed: number('--seed', values.seed, { min: 0, max: 0xffff_ffff, whole: true }) ?? 1,
      cable: {
        mtu:
          number('--mtu', values.mtu, { min: values.address.some((one) => one.includes(':')) ? 1280 : 576, max: 65_535, whole: true }) ??
          1500,
        delayMs: number('--delay', values.delay, { min: 0, max: 60_000 }) ?? 0,
        loss: probability('--loss', values.loss),
        reordering: probability('--reorder', values.reorder),
        duplication: probability('--duplicate', values.duplicate),
      },
      ...(values.write === undefined ? {} : { write: values.write }),
    });
    if (!opened.ok) throw unusable(opened.error);
    dropPrivileges();
    const host = opened.value;

    const tell = (event: string, facts: object, text: string): Promise<void> | boolean => {
      const line = values.json ? JSON.stringify({ event, ...facts }) : text;
      if (server) return process.stderr.write(`${line}\n`);
      output.line(line);
      return output.flush();
    };
    const finish = async (): Promise<void> => {
      const closed = await host.close();
      if (!closed.ok) throw unusable(closed.error);
      await tell('end', closed.value, summaryText(closed.value));
    };
    const interrupted = new Promise<'interrupted'>((resolve) => {
      const stop = () => resolve('interrupted');
      process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
    });

    for (const begun of [...(port === undefined ? [] : [host.echo(port)]), ...(relayed ? [host.relay(relayed.port, relayed.to)] : [])]) {
      if (begun.ok) continue;
      await host.close();
      throw unusable(begun.error);
    }
    await tell('ready', { tun: host.name, ends: host.ends }, readyText(host, server === undefined));

    const lost = host.lost.then((error) => ({ ok: false as const, error }));
    const ended = await Promise.race([interrupted, lost, ...(server ? [host.talk(server, process.stdin, process.stdout)] : [])]);
    await finish();
    if (ended === 'interrupted' || ended.ok) return 0;
    process.stderr.write(`tcpwb: ${ended.error.message}\n`);
    return 1;
  },
};

const PORTS = { min: 1, max: 65_535, whole: true } as const;

function endpoint(option: string, text: string): { readonly address: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) throw new UsageError(`${option} takes ADDRESS:PORT, such as 10.9.0.1:7 or [fd09::1]:7, not "${text}"`);
  return { address, port: number(`the port of ${option}`, port, PORTS)! };
}

function relayOf(text: string | undefined): { readonly port: number; readonly to: ReturnType<typeof endpoint> } | undefined {
  if (text === undefined) return undefined;
  const [port = '', ...rest] = text.split('=');
  return { port: number('the port of --relay', port, PORTS)!, to: endpoint('--relay PORT=', rest.join('=')) };
}

/** "0.01" or "1%". */
function probability(option: string, text: string | undefined): number {
  if (text === undefined) return 0;
  if (!text.endsWith('%')) return number(option, text, { min: 0, max: 1 })!;
  return number(option, text.slice(0, -1), { min: 0, max: 100 })! / 100;
}

function readyText(host: TunHost, endsByHand: boolean): string {
  const ends = host.ends.map(({ engine, kernel }) => `the engine is ${engine}, the kernel ${kernel ?? 'has a route to it'}`);
  return `${host.name}: ${ends.join('; ')}.${endsByHand ? ' Ctrl-C ends it.' : ''}`;
}

function summaryText({ packets, reset, unfinished, counters }: TunSummary): string {
  const unreadable = Object.entries(packets.unreadable).flatMap(([why, count]) => (count > 0 ? [`${count} ${why}`] : []));
  return [
    `${packets.in} packets in, ${packets.out} out`,
    ...(unreadable.length > 0 ? [`unreadable: ${unreadable.join(', ')}`] : []),
    ...(packets.notRecorded > 0 ? [`${packets.notRecorded} not recorded: the disk was too slow`] : []),
    `${counters.PassiveOpens} connections accepted, ${counters.ActiveOpens} opened, ${reset.length} reset at the end, ${unfinished.length} still closing`,
    `${counters.RetransSegs} segments sent again`,
  ].join('; ');
}
