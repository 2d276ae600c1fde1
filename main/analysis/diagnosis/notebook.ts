import type { PacketColumns } from '../packet-columns.ts';
import type { Instant, Side } from '../record.ts';
import { instantOf } from '../report/packets.ts';
import { byWeight, type Finding, type FindingKind, type Severity } from './finding.ts';

export interface Entry {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly reason?: string | undefined;
  readonly ambiguous?: boolean;
  readonly side?: Side | undefined;
  /** Rows of the packet columns that show it; at least one. */
  readonly rows: readonly number[];
  /** How many there are in all, where not all are named. */
  readonly count?: number;
  /** Frames that are not segments of the connection (ICMP). */
  readonly frames?: readonly number[];
  /** Until when, where that is later than the last row. */
  readonly to?: Instant;
  readonly text: string;
  readonly confirm: string;
  readonly values?: { readonly [name: string]: number } | undefined;
}

/** Findings as they are written down: rows become frames and times. */
export class Notebook {
  /** The gravest first; of the same weight in the order of time. */
  readonly findings: Finding[] = [];
  private readonly columns: PacketColumns;
  private readonly connection: number;

  constructor(columns: PacketColumns, connection: number) {
    this.columns = columns;
    this.connection = connection;
  }

  add({ kind, severity, reason, ambiguous = false, side, rows, count = 0, frames, to, text, confirm, values }: Entry): void {
    const { columns } = this;
    const sorted = inOrder(rows);
    const first = sorted[0];
    const last = sorted.at(-1);
    if (first === undefined || last === undefined) return;
    const packets = sorted.map((row) => columns.frame(row));
    if (frames) {
      packets.push(...frames);
      packets.sort((a, b) => a - b);
    }
    this.insert({
      kind,
      reason,
      severity,
      ambiguous,
      connection: this.connection,
      side,
      packets,
      packetCount: Math.max(count, packets.length),
      from: instantOf(columns, first),
      to: to ?? instantOf(columns, last),
      text,
      confirm,
      values,
    });
  }

  /** There are few: each is put into its place. */
  private insert(finding: Finding): void {
    const { findings } = this;
    let at = findings.length;
    findings.push(finding);
    for (; at > 0 && byWeight(findings[at - 1]!, finding) > 0; at--) findings[at] = findings[at - 1]!;
    findings[at] = finding;
  }
}

/** The rows there are, each once. They are few, and mostly in order. */
function inOrder(rows: readonly number[]): number[] {
  const sorted: number[] = [];
  for (const row of rows) {
    let at = sorted.length;
    while (at > 0 && sorted[at - 1]! > row) at--;
    if (row < 0 || (at > 0 && sorted[at - 1] === row)) continue;
    if (at === sorted.length) sorted.push(row);
    else sorted.splice(at, 0, row);
  }
  return sorted;
}
