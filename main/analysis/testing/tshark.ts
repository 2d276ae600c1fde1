import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { WIRESHARK_EVENT_KINDS } from '../record.ts';

const run = promisify(execFile);

/** What tshark says of one TCP segment that lies directly on IP. */
export interface TsharkSegment {
  readonly frame: number;
  readonly stream: number;
  /** Absent where tshark cannot tell, as for a fragment. */
  readonly length: number | undefined;
  readonly completeness: number;
  readonly source: string;
  readonly port: number;
  readonly marks: ReadonlySet<string>;
}

const FIELDS = ['frame.number', 'frame.protocols', 'tcp.stream', 'tcp.len', 'tcp.completeness', 'ip.src', 'ipv6.src', 'tcp.srcport'];
const MARKS = WIRESHARK_EVENT_KINDS.map((kind) => `tcp.analysis.${kind.replaceAll('-', '_')}`);

/** Between the link and TCP there is one IP header, and nothing that quotes or carries another packet. */
function isDirect(protocols: string): boolean {
  const below = protocols.split(':tcp')[0]!.split(':');
  return (
    below.filter((name) => name === 'ip' || name === 'ipv6').length === 1 && !below.some((name) => /^(icmp|icmpv6|gre|udp)$/.test(name))
  );
}

/** Both passes, since the completeness of a connection is known only after the first. */
export async function tshark(path: string): Promise<TsharkSegment[]> {
  const fields = [...FIELDS, ...MARKS].flatMap((field) => ['-e', field]);
  const { stdout } = await run('tshark', ['-n', '-2', '-r', path, '-Y', 'tcp', '-T', 'fields', '-E', 'occurrence=f', ...fields], {
    maxBuffer: 1 << 28,
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
    .filter(([, protocols, stream]) => stream !== '' && isDirect(protocols!))
    .map(([frame, , stream, length, completeness, ipv4, ipv6, port, ...marks]) => ({
      frame: Number(frame),
      stream: Number(stream),
      length: length === '' ? undefined : Number(length),
      completeness: Number.parseInt(completeness!, 10),
      source: (ipv4 || ipv6)!,
      port: Number(port),
      marks: new Set(WIRESHARK_EVENT_KINDS.filter((_, i) => marks[i] !== undefined && marks[i] !== '')),
    }));
}

/** Maps with at most two at a time: each tshark takes a core. */
export async function inPairs<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all([worker(), worker()]);
  return results;
}
