/** The exchange a lesson expects, as its text draws it: a line with the two hosts, then one arrow a line. */
export interface LadderSketch {
  readonly left: string;
  readonly right: string;
  readonly arrows: readonly { readonly towardsRight: boolean; readonly label: string }[];
}

/** Reads the block `ladder` of a lesson's text; undefined when it is none. A number after the flags counts octets of data. */
export function parseLadderSketch(text: string): LadderSketch | undefined {
  const [hosts = '', ...lines] = text.trim().split('\n');
  const [left, right] = hosts.split('|').map((name) => name.trim());
  if (!left || !right) return undefined;
  const arrows = lines.map((line) => ({ towardsRight: line.startsWith('>'), label: line.slice(1).trim() }));
  return lines.every((line) => /^[<>] /.test(line)) ? { left, right, arrows } : undefined;
}
