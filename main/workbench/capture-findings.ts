import type { CaptureFindings, Finding } from '../../preload/contract.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { byWeight } from '../analysis/diagnosis/finding.ts';

/** Segments read for one answer: some tenth of a second, so that the window's other questions are answered in between. */
const MOST_SEGMENTS = 300_000;
/** The gravest findings that cross to the window. */
const MOST_FINDINGS = 500;
/** Findings kept of all connections; beyond that only problems are. */
const MOST_KEPT = 20_000;

/**
 * What is wrong in a capture, over all its connections. Only connections that changed are read again, and not more at a time
 * than keeps the worker answering; what is left is read for the next answer.
 */
export class CaptureFindingsOf {
  readonly #analysis: Analysis;
  readonly #changed = new Set<number>();
  readonly #grave = new Map<number, readonly Finding[]>();
  #kept = 0;

  constructor(analysis: Analysis) {
    this.#analysis = analysis;
  }

  /** This connection changed since it was read. */
  note(connection: number): void {
    this.#changed.add(connection);
  }

  findings(): CaptureFindings {
    let segments = 0;
    for (const id of this.#changed) {
      if (segments >= MOST_SEGMENTS) break;
      segments += this.#analysis.segmentCount(id);
      this.#changed.delete(id);
      this.#read(id);
    }
    const all = [...this.#analysis.captureFindings(), ...[...this.#grave.values()].flat()].sort(byWeight);
    return { findings: all.slice(0, MOST_FINDINGS), total: all.length, unread: this.#changed.size };
  }

  #read(id: number): void {
    const worth = this.#kept < MOST_KEPT ? ['problem', 'warning'] : ['problem'];
    const grave = this.#analysis.findings(id).filter(({ severity }) => worth.includes(severity));
    this.#kept += grave.length - (this.#grave.get(id)?.length ?? 0);
    if (grave.length > 0) this.#grave.set(id, grave);
    else this.#grave.delete(id);
  }
}
