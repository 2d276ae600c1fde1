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
    '--json               one object for each script: file, passed, kind, line, message, expected, actual',
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
    const files = findScripts(positionals);
    if (!files.ok) throw unusable(files.error);
    let passed = 0;
    let mistakes = 0;
    for (const file of files.value) {
      const run = runPacketdrill(file, { version, defines });
      if (!run.ok) throw unusable(run.error);
      const verdict = run.value;
      if (verdict.passed) passed++;
      if (verdict.kind === 'mistake') mistakes++;
      output.line(values.json ? JSON.stringify({ file, ...verdict }, (_key, value) => value ?? null) : inWords(file, verdict));
      if (output.isFull) await output.flush();
    }
    const failed = files.value.length - passed;
    if (!values.json && files.value.length > 1) output.line(`${passed} passed, ${failed} failed`);
    await output.flush();
    if (failed > 0 && mistakes === files.value.length) return 2;
    return failed > 0 ? 1 : 0;
  },
};

const LABELS: { readonly [K in Verdict['kind']]: string } = {
  passed: 'ok     ',
  mistake: 'MISTAKE',
  unsupported: 'CANNOT ',
  content: 'FAIL   ',
  timing: 'TIMING ',
};

function inWords(file: string, { passed, kind, line, message, expected, actual }: Verdict): string {
  const head = `${LABELS[kind]} ${file}`;
  if (passed) return head;
  const sides = expected === undefined && actual === undefined ? '' : `\n        expected  ${expected}\n        actual    ${actual}`;
  return `${head}:${line}: ${message}${sides}`;
}
