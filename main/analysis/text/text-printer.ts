import type { FrameBatch } from '../../wire/frame-batch.ts';
import { linkTypeName } from '../../wire/link-type.ts';
import type { Dissection } from './dissection.ts';
import { type InterfaceName, isPrintable, printFrame } from './link-prefix.ts';
import { Conversations } from './relative-seq.ts';
import { timestampText, UTC, type UtcOffset } from './timestamp.ts';

export interface TextOptions {
  /** Local time is the reader's, so it is an argument; without it times are UTC. */
  readonly utcOffset?: UtcOffset;
  /** For captures on Linux's `any` device, whose frames know their interface by number only. */
  readonly interfaceName?: InterfaceName;
}

/**
 * Prints TCP segments as `tcpdump -n` prints them, up to and including "length N": one line a segment, in the order of
 * the capture. Frames without TCP print nothing. A frame that cannot be read prints its time and tcpdump's words for
 * what is wrong ("IP bad-len 12", "[|tcp]").
 */
export class TextPrinter {
  readonly #utcOffset: UtcOffset;
  readonly #interfaceName: InterfaceName;
  readonly #conversations = new Conversations();
  readonly #refused = new Set<number>();
  #frames = 0;

  constructor(options: TextOptions = {}) {
    this.#utcOffset = options.utcOffset ?? UTC;
    this.#interfaceName = options.interfaceName ?? (() => undefined);
  }

  /** `onLine` is told of each line, and of the number of its frame, from 1. */
  add(batch: FrameBatch, onLine: (line: string, frame: number) => void): void {
    for (let i = 0; i < batch.count; i++) {
      this.#frames++;
      const text = this.#frameText(batch, i);
      if (text !== undefined) onLine(`${timestampText(batch.seconds[i]!, batch.nanoseconds[i]!, this.#utcOffset)} ${text}`, this.#frames);
    }
  }

  #frameText(batch: FrameBatch, i: number): string | undefined {
    const linkType = batch.linkType[i]!;
    const captured = batch.capturedLength[i]!;
    const length = batch.originalLength[i]!;
    const invalid = invalidRecord(captured, length);
    if (invalid !== undefined) return invalid;
    if (!isPrintable(linkType)) return this.#refuse(linkType);
    const at = batch.offset[i]!;
    const d: Dissection = { data: batch.data, conversations: this.#conversations, text: '', nesting: 0 };
    const finding = printFrame(d, linkType, { at, length, end: at + captured }, this.#interfaceName);
    return finding === 'nothing' ? undefined : d.text;
  }

  /** Said once for a link type, not for each of its frames. */
  #refuse(linkType: number): string | undefined {
    if (this.#refused.has(linkType)) return undefined;
    this.#refused.add(linkType);
    return `[link type ${linkTypeName(linkType)} is not printed: no frame of it is shown]`;
  }
}

/** A record that contradicts itself, in tcpdump's words. */
function invalidRecord(captured: number, length: number): string | undefined {
  const faults: string[] = [];
  if (captured === 0) faults.push('caplen==0');
  if (length === 0) faults.push('len==0');
  else if (length < captured) faults.push(`len(${length}) < caplen(${captured})`);
  return faults.length === 0 ? undefined : `[Invalid header: ${faults.join(', ')}]`;
}
