import { findScripts, type IpVersion, runPacketdrill, type Verdict } from '../../workbench/packetdrill.ts';
import { assignment, type Command, parse, UsageError, unusable } from './command.ts';

const VERSIONS: readonly IpVersion[] = ['4', '6', '4-mapped'];
const isVersion = (text: string): text is IpVersion => (VERSIONS as readonly string[]).includes(text);

export const packetdrill: Command = {
  synopsis: 'FILE|DIR... [-D NAME=VALUE] [--ip-version 4|6|4-mapped]',
  does: 'packetdrill scripts on the engine in virtual time',
  options: [
    '-D NAME=VALUE        what NAME stands for in the scripts, as --define inside them',
    '--ip-version V       4 (the default), 6, or 4-mapped: IPv4 through sockets of IPv6',
    '--json               one object for each script: file, passed, kind, line, column, text, message, expected, actual',
  ],
  async run(args, output) {
    const { values, positionals } = parse(
      args,
      { define: { type: 'string', short: 'D', multiple: true }, 'ip-version': { type: 'string', default: '4' } },
      ['FILE|DIR'],
      { more: true },
    );
    const version = values['ip-version'];
    if (!isVersion(version)) throw new UsageError(`--ip-version is one of ${VERSIONS.join(', ')}, not "${version}"`);
    const defines = new Map((values.define ?? []).map((text) => assignment('-D', text)));
    const files = findScripts(positionals, version);
    if (!files.ok) throw unusable(files.error);
    const counts = new Map<Verdict['kind'], number>();
    for (const file of files.value) {
      const run = runPacketdrill(file, { version, defines });
      if (!run.ok) throw unusable(run.error);
      const verdict = run.value;
      counts.set(verdict.kind, (counts.get(verdict.kind) ?? 0) + 1);
      output.line(values.json ? JSON.stringify({ file, ...verdict }, (_key, value) => value ?? null) : inWords(file, verdict));
      if (output.isFull) await output.flush();
    }
    if (!values.json && files.value.length > 1) output.line(summary(counts));
    await output.flush();
    if (counts.get('passed') === files.value.length) return 0;
    return counts.get('mistake') === files.value.length ? 2 : 1;
  },
};

const LABELS: { readonly [K in Verdict['kind']]: string } = {
  passed: 'ok     ',
  mistake: 'MISTAKE',
  unsupported: 'CANNOT ',
  content: 'FAIL   ',
  timing: 'TIMING ',
};

/** "124 passed, 3 other packets or results, 1 at the wrong time" */
const summary = (counts: ReadonlyMap<Verdict['kind'], number>): string =>
  COUNTED.flatMap(([kind, words]) => (kind === 'passed' || counts.has(kind) ? [`${counts.get(kind) ?? 0} ${words}`] : [])).join(', ');

const COUNTED: readonly (readonly [Verdict['kind'], string])[] = [
  ['passed', 'passed'],
  ['content', 'with another packet or result'],
  ['timing', 'at the wrong time'],
  ['unsupported', 'ask for what the engine has not'],
  ['mistake', 'with a mistake'],
];

function inWords(file: string, { passed, kind, line, column, text, message, expected, actual }: Verdict): string {
  const head = `${LABELS[kind]} ${file}`;
  if (passed) return head;
  const rows = Object.entries({ script: text, expected, actual }).flatMap(([name, row]) =>
    row === undefined ? [] : [`\n        ${name.padEnd(8)}  ${row}`],
  );
  return `${head}:${line}:${column}: ${message}${rows.join('')}`;
}
