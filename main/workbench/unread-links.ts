import type { WorkbenchError } from '../../preload/contract.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { linkTypeName } from '../wire/link-type.ts';

/** Link types that are named. */
const MOST_NAMED = 3;

/** What is to be said of packets behind a link layer that nobody here reads: else they would pass for a capture without TCP. */
export function unreadLinks({ unreadLinks: unread, packets }: Analysis): WorkbenchError | undefined {
  if (unread.size === 0) return undefined;
  const frames = [...unread.values()].reduce((sum, count) => sum + count, 0);
  const names = [...unread.keys()].slice(0, MOST_NAMED).map(linkTypeName).join(', ');
  return {
    kind: 'unread-link',
    message: `${frames} of ${packets} packets were not looked into: their link layer (${names}${unread.size > MOST_NAMED ? '…' : ''}) is not read here.`,
  };
}
