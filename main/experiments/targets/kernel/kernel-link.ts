import { ok, type Result } from '../../../wire/result.ts';
import { type Passing, SegmentNumbering } from '../segment-view.ts';
import type { DatagramView, LinkSettings, Refusal, SegmentView, TargetLink } from '../target.ts';
import { onlyOnEngine } from './refusals.ts';

/** What two hosts say to each other on loopback, as it was captured. Nothing can befall a segment there. */
export class KernelLink implements TargetLink {
  private readonly numbering = new SegmentNumbering();
  private readonly seen: SegmentView[] = [];
  readonly others: DatagramView[] = [];
  private readonly hosts: readonly [string, string];

  constructor(a: string, b: string) {
    this.hosts = [a, b];
  }

  /** Whether both ends of a packet are this link's, or one of them and a program of this machine outside the laboratory. */
  carries(from: string, to: string): boolean {
    const [a, b] = this.hosts;
    const isOurs = (name: string): boolean => name === a || name === b;
    return (isOurs(from) && (isOurs(to) || to === OUTSIDE)) || (isOurs(to) && from === OUTSIDE);
  }

  add(segment: Passing): void {
    this.seen.push(this.numbering.view(segment));
  }

  segments(): readonly SegmentView[] {
    return this.seen;
  }

  datagrams(): readonly DatagramView[] {
    return this.others;
  }

  /** A delay only says when things happen, and loopback has its own: it is passed over, so that the same script runs here. */
  set({ delay: _own, ...settings }: LinkSettings): Result<null, Refusal> {
    const [name] = Object.keys(settings);
    return name === undefined ? ok(null) : onlyOnEngine(`link ${name}`, `loopback has no ${name} of its own choosing`);
  }

  intercept(judge: ((segment: SegmentView) => 'pass' | 'drop' | number) | undefined): Result<null, Refusal> {
    return judge ? onlyOnEngine('link.drop and link.hold', "the real kernel's segments cannot be stopped on their way") : ok(null);
  }

  inject(): Result<null, Refusal> {
    return onlyOnEngine('link.inject', "a segment made by hand has no place among the real kernel's");
  }

  replay(): Result<null, Refusal> {
    return onlyOnEngine('link.replay', 'a segment of the real kernel is sent once');
  }
}

/** How a segment names the end that belongs to no host of the script. */
export const OUTSIDE = 'this machine';
