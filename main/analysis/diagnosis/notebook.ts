import type { PacketColumns } from '../packet-columns.ts';
import type { Instant, Side } from '../record.ts';
import { instantOf } from '../report/packets.ts';
import type { Finding, FindingKind, Severity } from './finding.ts';

export interface Entry {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly reason?: string;
  readonly ambiguous?: boolean;
  readonly side?: Side;
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
  readonly values?: { readonly [name: string]: number };
}

/** Findings as they are written down: rows become frames and times. */
export class Notebook {
  readonly findings: Finding[] = [];
  private readonly columns: PacketColumns;
  private readonly connection: number;

  constructor(columns: PacketColumns, connection: number) {
    this.columns = columns;
    this.connection = connection;
  }

  add({ kind, severity, reason, ambiguous = false, side, rows, count, frames = [], to, text, confirm, values }: Entry): void {
    const sorted = rows
      .filter((row) => row >= 0)
      .sort((a, b) => a - b)
      .filter((row, i, all) => row !== all[i - 1]);
    const first = sorted[0];
    const last = sorted.at(-1);
    if (first === undefined || last === undefined) return;
    const packets = sorted.map((row) => this.columns.frame(row));
    if (frames.length > 0) packets.push(...frames);
    packets.sort((a, b) => a - b);
    this.findings.push({
      kind,
      ...(reason !== undefined && { reason }),
      severity,
      ambiguous,
      connection: this.connection,
      ...(side && { side }),
      packets,
      packetCount: Math.max(count ?? 0, packets.length),
      from: instantOf(this.columns, first),
      to: to ?? instantOf(this.columns, last),
      text,
      confirm,
      ...(values && { values }),
    });
  }
}
