import { Flag, type Segment, type TcpOption } from '../../wire/segment.ts';
import { seq } from '../../wire/seq.ts';
import type { ScriptSocket } from './connection.ts';
import type { TcpSpec } from './script.ts';
import type { Settings } from './settings.ts';
import { Miss } from './verdict.ts';

const EVERY_ECN_FLAG = Flag.ECE | Flag.CWR | Flag.AE;

/** What a script writes as coming in, as it goes on the cable. */
export function toSegment(spec: TcpSpec, socket: ScriptSocket, settings: Settings): Segment {
  const offset = socket.localOffset(spec.flags);
  const flags = spec.ace === undefined ? spec.flags : (spec.flags & ~EVERY_ECN_FLAG) | ecnFlags(spec.ace);
  return {
    srcPort: spec.ports?.src || socket.remotePort,
    dstPort: spec.ports?.dst || socket.localPort,
    seq: seq(spec.seq + socket.remoteOffset(spec.flags)),
    ack: spec.flags & Flag.ACK ? seq(spec.ack + offset) : seq(spec.ack),
    flags,
    window: spec.window ?? 0,
    urgent: spec.urgent,
    options: (spec.options ?? []).map((option) => toOption(option, spec.flags, socket, settings)),
    payload: new Uint8Array(spec.length),
  };
}

/** AccECN's counter stands in AE, CWR and ECE (RFC 9768 §3.2). */
const ecnFlags = (ace: number): number => (ace & 4 ? Flag.AE : 0) | (ace & 2 ? Flag.CWR : 0) | (ace & 1 ? Flag.ECE : 0);
export const aceOf = (flags: number): number => (flags & Flag.AE ? 4 : 0) | (flags & Flag.CWR ? 2 : 0) | (flags & Flag.ECE ? 1 : 0);

function toOption(option: TcpOption, flags: number, socket: ScriptSocket, settings: Settings): TcpOption {
  if (option.kind === 'sack') return moved(option, socket.localOffset(flags));
  if (option.kind !== 'timestamps' || !(flags & Flag.ACK)) return option;
  return { ...option, echo: liveStamp(option.echo, socket, settings) };
}

/** The blocks of a SACK option, all `offset` further on. */
const moved = ({ blocks }: Extract<TcpOption, { kind: 'sack' }>, offset: number): TcpOption => ({
  kind: 'sack',
  blocks: blocks.map(({ left, right }) => ({ left: seq(left + offset), right: seq(right + offset) })),
});

function liveStamp(echo: number, socket: ScriptSocket, { scalesEchoes }: Settings): number {
  const live = socket.stamps.get(echo);
  if (live !== undefined) return live;
  if (scalesEchoes && socket.firstStamp) return (echo - socket.firstStamp.script + socket.firstStamp.live) >>> 0;
  throw new Miss('mistake', `\`ecr ${echo}\` echoes a timestamp that no expected packet had before (--tcp_ts_ecr_scaled allows it)`);
}

/**
 * What the host sent, in the script's numbers; `parts` are the segments that make up what a kernel would send as one.
 * A piece of a buffer that is cut up after it was sent, by SACK or a smaller MSS, may keep PSH on Linux, and in the engine
 * only the last does: with several parts `open`, PSH where the script expects it, says nothing about TCP.
 */
export function toSpec(parts: readonly Segment[], socket: ScriptSocket, hasAce: boolean, open = 0): TcpSpec {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  // The device that cuts a packet up keeps CWR on the first only, FIN and PSH on the last.
  const flags = (last.flags & ~Flag.CWR) | (first.flags & Flag.CWR) | (parts.length > 1 ? open : 0);
  const remote = socket.remoteOffset(flags);
  return {
    kind: 'tcp',
    ports: undefined,
    flags,
    ace: hasAce ? aceOf(flags) : undefined,
    seq: (first.seq - socket.localOffset(flags)) >>> 0,
    length: parts.reduce((sum, { payload }) => sum + payload.length, 0),
    ack: flags & Flag.ACK ? (last.ack - remote) >>> 0 : last.ack,
    window: last.window,
    urgent: last.urgent,
    options: last.options.map((option) => fromOption(option, remote, socket)),
  };
}

function fromOption(option: TcpOption, remote: number, socket: ScriptSocket): TcpOption {
  if (option.kind === 'sack') return moved(option, -remote);
  return option.kind === 'timestamps' ? { ...option, value: socket.scriptStamp(option.value) } : option;
}
