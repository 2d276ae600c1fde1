import type { Finding } from '../../../preload/contract.ts';

const WIDTH = 110;
const MARKS = { problem: '!!', warning: '! ', note: '- ' } as const;

/** Findings as a short section to read: the gravest first, each with its packets, and how to be sure of what is not plain. */
export function findingsText(findings: readonly Finding[], indent = '    '): string {
  return findings.map((finding) => findingText(finding, indent)).join('\n');
}

function findingText(finding: Finding, indent: string): string {
  const { kind, reason, severity, packets, packetCount, text, confirm, ambiguous } = finding;
  const shown =
    packets.length < packetCount ? `${packets.slice(0, -1).join(', ')} … ${packets.at(-1)} (${packetCount} in all)` : packets.join(', ');
  const head = `${indent}${MARKS[severity]} ${reason ? `${kind} (${reason})` : kind}${ambiguous ? ' ?' : ''}  packets ${shown}`;
  const body = wrap(text, `${indent}   `);
  return severity === 'note' ? `${head}\n${body}` : `${head}\n${body}\n${wrap(`To be sure: ${confirm}`, `${indent}   `)}`;
}

/** Breaks lines between words; a word that is too long has a line of its own. */
function wrap(text: string, indent: string): string {
  const room = WIDTH - indent.length;
  let wrapped = indent;
  let start = 0;
  while (text.length - start > room) {
    let end = text.lastIndexOf(' ', start + room);
    if (end <= start) end = text.indexOf(' ', start + room);
    if (end < 0) break;
    wrapped += `${text.slice(start, end)}\n${indent}`;
    start = end + 1;
  }
  return wrapped + text.slice(start);
}
