import type { IpAddress } from '../../wire/ip-address.ts';
import type { TcpOption } from '../../wire/segment.ts';
import type { Nanos } from '../../wire/units.ts';

/** Where something stands in a script, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A mistake in a script: what stands there, and what was expected. */
export interface ScriptError extends Place {
  readonly message: string;
}

/** A packetdrill script as written. */
export interface Script {
  readonly options: readonly ScriptOption[];
  /** The shell commands before the first event. */
  readonly before: Command | undefined;
  readonly events: readonly ScriptEvent[];
  /** The shell commands after the last event, run however the script ends. */
  readonly after: Command | undefined;
}

/** `--name=value` */
export interface ScriptOption extends Place {
  readonly name: string;
  readonly value: string | undefined;
}

export interface ScriptEvent extends Place {
  readonly time: EventTime;
  readonly action: Action;
}

/** When an event happens: from the start of the script, or from the event before. */
export type EventTime =
  | { readonly kind: 'absolute' | 'relative'; readonly time: Nanos }
  | { readonly kind: 'absolute-range' | 'relative-range'; readonly from: Nanos; readonly to: Nanos }
  | { readonly kind: 'any' };

export type Action = PacketAction | CallAction | Command | Code;

/** Shell commands between backquotes. */
export interface Command extends Place {
  readonly kind: 'command';
  readonly text: string;
}

/** Python between `%{` and `}%`. */
export interface Code extends Place {
  readonly kind: 'code';
  readonly text: string;
}

/** `<` comes in at the host under test, `>` is expected from it. */
export interface PacketAction extends Place {
  readonly kind: 'packet';
  readonly direction: 'in' | 'out';
  /** Headers around the packet, outermost first. */
  readonly around: readonly OuterHeader[];
  readonly ip: IpMarks;
  readonly body: TcpSpec | UdpSpec | IcmpSpec;
}

export type OuterHeader =
  | { readonly kind: 'ip'; readonly src: IpAddress; readonly dst: IpAddress }
  | { readonly kind: 'gre' | 'mpls' | 'psp' };

/** What a script says of the IP header; undefined: nothing. */
export interface IpMarks {
  readonly ecn?: 'noecn' | 'ect0' | 'ect1' | 'ect01' | 'ce';
  readonly tos?: number;
  readonly ttl?: number;
  readonly flowLabel?: number;
}

export interface Ports {
  readonly src: number;
  readonly dst: number;
}

export interface TcpSpec {
  readonly kind: 'tcp';
  readonly ports: Ports | undefined;
  /** A union of `Flag` bits. */
  readonly flags: number;
  /** AccECN's counter in place of ECE, CWR and AE (RFC 9768). */
  readonly ace: number | undefined;
  readonly seq: number;
  readonly length: number;
  readonly ack: number;
  /** Undefined: not looked at where it is expected. */
  readonly window: number | undefined;
  readonly urgent: number;
  /** Their numbers as the script counts. Undefined: `<...>`, whatever is there. */
  readonly options: readonly TcpOption[] | undefined;
}

export interface UdpSpec {
  readonly kind: 'udp';
  readonly ports: Ports | undefined;
  readonly length: number;
}

export interface IcmpSpec {
  readonly kind: 'icmp';
  readonly type: string;
  readonly code: string | undefined;
  readonly mtu: number | undefined;
  readonly id: number | undefined;
  /** The packet that the message is about; undefined: one from the connection's start, without data. */
  readonly about: { readonly protocol: 'tcp' | 'udp' | 'raw'; readonly seq: number; readonly length: number } | undefined;
}

export interface CallAction extends Place {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  /** When a call that waits comes back: `0...0.5`, counted as the event's own time is. */
  readonly end: Nanos | undefined;
  readonly result: Expression;
  readonly errno: string | undefined;
}

export type Expression = Place &
  (
    | { readonly kind: 'ellipsis' }
    | { readonly kind: 'integer'; readonly value: number }
    | { readonly kind: 'word'; readonly text: string }
    /** `open`: `"abc"...`, of which only the beginning is said. */
    | { readonly kind: 'string'; readonly text: string; readonly open: boolean }
    | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'assign'; readonly name: string; readonly value: Expression }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'struct'; readonly fields: readonly Field[] }
    | { readonly kind: 'apply'; readonly name: string; readonly argument: Expression }
  );

/** `name=value`, `name(n)=value`, or a value alone. */
export interface Field {
  readonly name: string | undefined;
  readonly argument: Expression | undefined;
  readonly value: Expression;
}
