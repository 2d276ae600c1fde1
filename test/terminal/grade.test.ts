import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ROOT, tcpwb } from '../support/tcpwb.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpwb-grade-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string | Uint8Array): void => writeFileSync(join(folder, name), text);
const lesson = (id: string): string => readFileSync(join(ROOT, 'resources', 'lessons', `${id}.ts`), 'utf8');

describe('tcpwb grade', () => {
  put('anna.ts', lesson('12-simultaneous-close'));
  put('bert.ts', 'let x = ;');
  put(
    'carl.ts',
    `const said = await predict('One or two?', [1, 2]); said.turnsOut(2); expect(param('n', 5, { from: 100, to: 999 }), 'n').toBeGreaterThan(0);`,
  );
  put('carl.answers.json', '{"1": 2}');
  put('dora.ts', `expect('it\u001b[31m', 'a red\u001b[31m check').toBe('black');`);
  put('emil.ts', 'while (true) {}');
  put('emma.ts', 'for (;;) await sleep(1);');
  put('fritz.ts', 'const all = []; for (;;) all.push(new Uint8Array(1_000_000));');
  put(
    'gina.ts',
    Uint8Array.from({ length: 2000 }, (_, n) => (n * 7919) % 256),
  );
  put('notes.txt', 'not a script');

  test('a row for each file, whatever the others do', async () => {
    const { status, stdout } = await tcpwb('grade', folder, '--json', '--time', '3', '--memory', '160').ended;
    expect(status).toBe(1);
    const { grades } = JSON.parse(stdout) as {
      grades: { file: string; outcome: string; passed: number; right: number; error?: { message: string } }[];
    };
    expect(grades.map(({ file, outcome }) => `${file} ${outcome}`)).toEqual([
      'anna.ts passed',
      'bert.ts error',
      'carl.ts passed',
      'dora.ts failed',
      'emil.ts error',
      'emma.ts error',
      'fritz.ts error',
      'gina.ts error',
    ]);
    expect(grades[0]).toMatchObject({ passed: 8, checks: 8, seed: 1 });
    expect(grades[1]).toMatchObject({ error: { message: 'Expression expected', line: 1 } });
    expect(grades[2]).toMatchObject({ right: 1, answered: 1, questions: 1 });
    expect(grades[3]).toMatchObject({ failed: [{ expected: "'black'", line: 1 }] });
    expect(grades[4]?.error?.message).toContain('computes without end');
    expect(grades[5]?.error?.message).toMatch(/took longer than 3 s|more than 160 MiB/);
    expect(grades[6]?.error?.message).toMatch(/more memory than it may have|more than 160 MiB/);
  }, 240_000);

  test('a network full of datagrams counts as well: they lie outside of the sandbox', async () => {
    const one = mkdtempSync(join(folder, 'one-'));
    const source = `const { client } = lab.twoHosts({ delay: 1000, queue: 1_000_000 });
const fd = await client.socket(AF_INET, SOCK_DGRAM);
const octets = 'x'.repeat(60_000);
for (;;) await client.sendto(fd, octets, 0, { address: '10.0.0.2', port: 9 });`;
    writeFileSync(join(one, 'hugo.ts'), source);
    const { stdout } = await tcpwb('grade', one, '--json', '--memory', '160').ended;
    expect(JSON.parse(stdout).grades[0].error.message).toBe('it needs more than 160 MiB of memory');
  }, 240_000);

  test('--own-seeds gives every file its own task, the same each time', async () => {
    const own = mkdtempSync(join(folder, 'own-'));
    for (const name of ['a', 'b', 'c'])
      writeFileSync(join(own, `${name}.ts`), `expect(param('n', 5, { from: 100, to: 9999 }), 'n').toBe(0);`);
    const values = async () => {
      const { stdout } = await tcpwb('grade', own, '--own-seeds', '--json').ended;
      return (JSON.parse(stdout) as { grades: { failed: { actual: string }[] }[] }).grades.map(({ failed }) => failed[0]?.actual);
    };
    const first = await values();
    expect(new Set(first).size).toBe(3);
    expect(await values()).toEqual(first);
  });

  test('the table is for eyes: one line a file, and no text of a student steers the terminal', async () => {
    const two = mkdtempSync(join(folder, 'two-'));
    writeFileSync(join(two, 'x.ts'), readFileSync(join(folder, 'dora.ts')));
    const { stdout } = await tcpwb('grade', two).ended;
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^x\.ts +failed +0 of 1 +- +1 +line 1: a red/m);
  });

  test.each([
    ['a folder that is not there', 'nowhere', 'there is no such file or folder'],
    ['a folder without scripts', 'resources/captures', 'There is no script (.ts)'],
  ])('%s: one line, status 2', async (_what, path, says) => {
    const { status, stderr } = await tcpwb('grade', path).ended;
    expect([status, stderr.trimEnd().split('\n')]).toEqual([2, [expect.stringContaining(says)]]);
  });
});

describe('tcpwb run --report', () => {
  test('a page, and data', async () => {
    const script = join(ROOT, 'resources', 'lessons', '12-simultaneous-close.ts');
    const [page, data] = [join(folder, 'report.html'), join(folder, 'report.json')];
    expect((await tcpwb('run', script, '--report', page).ended).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*CLOSING[\s\S]*<\/html>\n$/);
    expect((await tcpwb('run', script, '--report', data).ended).status).toBe(0);
    expect(JSON.parse(readFileSync(data, 'utf8')).segments).toHaveLength(7);
    const refused = await tcpwb('run', script, '--report', join(folder, 'report.pdf')).ended;
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('--report takes a name in .html or .json')]);
  });
});

describe('tcpwb run with several scripts', () => {
  test('each gets its line; the worst of them is the status; what belongs to one script is refused', async () => {
    const three = mkdtempSync(join(folder, 'three-'));
    writeFileSync(join(three, 'a.ts'), `expect(1, 'one').toBe(1);`);
    writeFileSync(join(three, 'b.ts'), `expect(1, 'two').toBe(2);`);
    writeFileSync(join(three, 'c.ts'), 'let x = ;');
    const { status, stdout } = await tcpwb('run', three).ended;
    expect(status).toBe(1);
    expect(stdout).toMatch(/^a: passed; 1 checks passed/m);
    expect(stdout).toMatch(/^FAIL {2}two \(line 1\)/m);
    expect(stdout).toMatch(/^ERROR .*c\.ts:1:\d+: Expression expected/m);
    const refused = await tcpwb('run', three, '-w', join(folder, 'x.pcapng')).ended;
    expect([refused.status, refused.stderr]).toEqual([2, 'tcpwb: --write is for one script, and here are 3\n']);
  });
});
