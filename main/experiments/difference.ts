/** One thing that happened in a run, in words. */
export interface Told {
  /** Its step in the run's recording. */
  readonly step: number;
  /** Nanoseconds of the target's clock. */
  readonly time: number;
  readonly line: number | undefined;
  readonly text: string;
}

/** Where two runs part. */
export interface Difference {
  /** How many things happened in both alike before. */
  readonly alike: number;
  /** What happened next in each; undefined where that run was over. */
  readonly first: Told | undefined;
  readonly second: Told | undefined;
  readonly inWords: string;
}

/** The first thing that happened otherwise, or at another time, in the second run; undefined when all was the same. */
export function firstDifference(first: readonly Told[], second: readonly Told[]): Difference | undefined {
  let alike = 0;
  while (alike < first.length && alike < second.length && isSame(first[alike]!, second[alike]!)) alike++;
  const [a, b] = [first[alike], second[alike]];
  if (!a && !b) return undefined;
  return { alike, first: a, second: b, inWords: inWords(alike, a, b) };
}

const isSame = (a: Told, b: Told): boolean => a.text === b.text && a.time === b.time;

function inWords(alike: number, a: Told | undefined, b: Told | undefined): string {
  const same =
    alike === 0 ? 'The runs differ from the beginning.' : `The runs are alike in their first ${alike} ${alike === 1 ? 'event' : 'events'}.`;
  if (a && b && a.text === b.text)
    return `${same} Then the same happens at different times: ${a.text}, in the first at ${inSeconds(a)}, in the second at ${inSeconds(b)}.`;
  return `${same} Then, in the first: ${next(a)}. In the second: ${next(b)}.`;
}

const next = (one: Told | undefined): string =>
  one ? `${one.text}, at ${inSeconds(one)}${one.line === undefined ? '' : ` (line ${one.line})`}` : 'nothing more, it is over';
const inSeconds = ({ time }: Told): string => `${time / 1e9} s`;
