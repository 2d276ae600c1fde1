import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { ofSender, type Seen } from './seen.ts';
import { counted, The, the } from './words.ts';

/** Segments that came in IP fragments: a path narrower than their sender believes (RFC 8900). */
export class Fragments implements Examiner {
  private readonly sides = { client: new Evidence(), server: new Evidence() };

  see(s: Seen): void {
    if (s.inFragments) ofSender(this.sides, s).add(s.row);
  }

  report(_facts: Facts, account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      const { rows, count } = this.sides[side];
      if (count === 0) continue;
      const { segments } = account[side];
      book.add({
        kind: 'fragments',
        severity: 'warning',
        side,
        rows,
        count,
        text: `Of ${counted(segments, 'segment')} from ${the(side)} ${count} came in IP fragments: a link or tunnel on the way is narrower than ${the(side)} believes, and cutting is allowed. One fragment lost is the whole segment lost, and some firewalls drop them all.`,
        confirm: `${The(side)}: \`sysctl net.ipv4.ip_no_pmtu_disc\` should be 0, so that it learns what the path takes. Of a tunnel, set the MTU: what the link below takes, less its headers.`,
        values: { segments: count },
      });
    }
  }
}
