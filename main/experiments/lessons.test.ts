import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Lesson, loadLessons } from './lessons.ts';
import { runExperiment } from './run.ts';
import { RunRecorder } from './stepping/run-recorder.ts';
import { run } from './testing/run.ts';

const FOLDER = 'resources/lessons';
const all = await loadLessons(FOLDER);
if (!all.ok) throw new Error(all.error.message);
const { lessons, problems } = all.value;
const lesson = (id: string): Lesson => lessons.find((one) => one.id === id)!;

/** The lesson's script with one thing changed. */
function broken(id: string, from: string, to: string): string {
  const { source } = lesson(id);
  if (!source.includes(from)) throw new Error(`${id} no longer says "${from}"`);
  return source.replace(from, to);
}

test('every lesson is whole, and all forty are there', () => {
  expect(problems).toEqual([]);
  const numbers = lessons.map(({ number }) => number).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
});

test('the course covers every lesson, in parts of both languages, and says how long each takes', () => {
  for (const { id, place } of lessons) {
    expect(place, id).toBeDefined();
    expect(place!.minutes).toBeGreaterThanOrEqual(10);
    expect(place!.partZh).toMatch(/\p{Script=Han}/u);
  }
  expect(lessons[0]!.id).toBe('01-three-way-handshake');
});

test('the course teaches what a lesson builds upon before the lesson', () => {
  const at = (number: number): number => lessons.findIndex((one) => one.number === number);
  for (const [first, then] of [
    [1, 3],
    [3, 5],
    [8, 20],
    [20, 21],
    [18, 19],
    [24, 33],
    [28, 29],
    [1, 40],
  ] as const)
    expect(at(first), `${first} before ${then}`).toBeLessThan(at(then));
});

test('the Chinese texts use the terms of the glossary, and none of those it rules out', () => {
  const glossary = JSON.parse(readFileSync(`${FOLDER}/glossary.json`, 'utf8')) as { en: string; zh: string; not: string[] }[];
  const texts = lessons.map(({ id, textZh }) => [id, textZh] as const);
  for (const { en, zh, not } of glossary) {
    expect(
      texts.some(([, text]) => text.includes(zh)),
      `${en}: ${zh}`,
    ).toBe(true);
    for (const other of not) for (const [id, text] of texts) expect(text.includes(other), `${id}: ${other} for ${en}`).toBe(false);
  }
});

describe.each(lessons)('lesson $id', ({ source, text, textZh, title, titleZh }) => {
  test.each([1, 2, 42])('passes with seed %d', async (seed) => {
    const { report, failed } = await run(source, { seed });
    expect(report.error).toBeUndefined();
    expect(failed).toEqual([]);
    expect(report.outcome).toBe('passed');
    expect(report.checks.length).toBeGreaterThan(5);
  });
  test('has a text in both languages: question, prediction, what to watch, explanation with its RFC', () => {
    expect(text.match(/^## .*$/gm)).toEqual(['## Question', '## Predict', '## Run and watch', '## Explanation', '## Go on']);
    expect(textZh.match(/^## .*$/gm)).toEqual(['## 问题', '## 预测', '## 运行并观察', '## 解释', '## 继续']);
    expect(text).toMatch(/RFC \d+ §/);
    expect(textZh).toMatch(/RFC \d+ §/);
    expect(title).not.toBe(titleZh);
    expect(titleZh).toMatch(/\p{Script=Han}/u);
  });
});

describe('what a lesson draws is what its run shows', () => {
  /** Everything that one connection had on one link, as the drawing has it: `> SYN`. */
  const conversations = async (source: string, left: string) => {
    const recorder = new RunRecorder();
    await runExperiment({ name: 'drawn', source, target: 'engine', seed: 1 }, { onEvent: () => {}, onFrames: () => {}, recorder });
    const byConnection = new Map<string, string[]>();
    for (const { fact } of recorder.journal.happenings) {
      if (fact.kind !== 'segment') continue;
      const { from, to, flags, length, source, destination } = fact.segment;
      const key = [from, to, source.port, destination.port].sort().join();
      const line = `${from === left ? '>' : '<'} ${flags}${length > 0 ? ` ${length}` : ''}`;
      byConnection.set(key, [...(byConnection.get(key) ?? []), line]);
    }
    return byConnection;
  };
  const drawn = lessons.flatMap(({ id, text, source }) =>
    [...text.matchAll(/^```ladder\n(.*?)```/gms)].map(([, block]) => [id, block!.trim().split('\n'), source] as const),
  );

  test('every lesson whose segments cross a link draws some of them, alike in both languages', () => {
    const without = lessons.filter(({ text }) => !text.includes('```ladder')).map(({ id }) => id);
    expect(without).toEqual(['36-unix-against-inet']); // AF_UNIX and the loopback: nothing crosses a link
    const blocks = (text: string) => text.match(/^```ladder\n.*?```/gms);
    for (const { text, textZh } of lessons) expect(blocks(textZh)).toEqual(blocks(text));
  });
  test.each(drawn)('%s', async (_id, [hosts, ...arrows], source) => {
    const [left, right] = hosts!.split(' | ') as [string, string];
    const found = [...(await conversations(source, left))].some(([key, lines]) => {
      if (!key.includes(left) || !key.includes(right)) return false;
      let at = 0;
      for (const line of lines) if (line === arrows[at]) at++;
      return at === arrows.length;
    });
    expect(found, arrows.join('\n')).toBe(true);
  });
});

describe('a lesson fails when its behaviour is broken, saying what was expected and what was seen', () => {
  const LINK = 'const { client, server, link } = lab.twoHosts({ delay: ms(10) });';
  const fails = async (source: string) => {
    const { failed, report } = await run(source);
    return {
      outcome: report.outcome,
      error: report.error,
      failed: failed.map((check) => [check.description, check.expected, check.actual]),
    };
  };

  test('1: the third segment is lost, and the server asks again', async () => {
    const { outcome, failed } = await fails(broken('01-three-way-handshake', LINK, `${LINK} link.drop((s) => s.number === 3);`));
    expect(outcome).toBe('failed');
    expect(failed).toEqual([['the handshake takes three segments', '3', '5']]);
  });
  test('1: nobody listens', async () => {
    const { outcome, error, failed } = await fails(broken('01-three-way-handshake', 'await server.listen(listener, 5);', ''));
    expect(outcome).toBe('error');
    expect(failed).toContainEqual(['listen() makes it LISTEN', "'LISTEN'", "'CLOSED'"]);
    expect(error).toMatchObject({ message: expect.stringContaining('connect: ECONNREFUSED'), at: { line: 16 } });
  });
  test('1: a client that opened before the server did', async () => {
    const source = broken(
      '01-three-way-handshake',
      'expect(link.segments(), ',
      'const early = await client.socket(AF_INET, SOCK_STREAM); void client.connect(early, address); expect(link.segments(), ',
    );
    const { failed } = await fails(source);
    expect(failed).toContainEqual(['listening sends nothing', 'length 0', 'length 1: [#1 client > server SYN seq 0 ack 0 length 0]']);
  });
  test('3: the third segment is lost, so nothing reaches the accept queue', async () => {
    const { outcome, failed } = await fails(broken('03-accept-is-not-needed', LINK, `${LINK} link.drop((s) => s.number === 3);`));
    expect(outcome).toBe('failed');
    expect(failed).toContainEqual(['one connection waits in the accept queue', '1', '0']);
  });
  test('3: the data is lost', async () => {
    const { outcome, failed } = await fails(broken('03-accept-is-not-needed', LINK, `${LINK} link.drop((s) => s.length > 0);`));
    expect(outcome).not.toBe('passed');
    expect(failed).toContainEqual(['the kernel has acknowledged every octet on behalf of the program', '0', '14']);
    expect(failed).toContainEqual(['the data waits in the receive queue of the waiting connection', '14', '0']);
  });
  test('3: the listener is gone before accept', async () => {
    const { error } = await fails(broken('03-accept-is-not-needed', 'await sleep(1);', 'await server.close(listener);'));
    expect(error?.message).toContain('EBADF');
  });
  test('8: the server forgets to close', async () => {
    const { outcome, error, failed } = await fails(broken('08-four-way-close', 'await server.close(connection);', ''));
    expect(outcome).toBe('error');
    expect(failed).toEqual([
      [
        'the server sends its FIN and is in LAST-ACK',
        "something with 'LAST-ACK'",
        "['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT']",
      ],
    ]);
    expect(error?.message).toBe("TimeoutError: waited 1 s for server's socket 4 to reach CLOSED");
  });
  test('8: the last ACK is lost', async () => {
    const { error } = await fails(
      broken('08-four-way-close', LINK, `${LINK} link.drop((s) => s.from === 'client' && s.relativeAck > 20);`),
    );
    expect(error?.message).toBe("TimeoutError: waited 1 s for server's socket 4 to reach CLOSED");
  });
  test('8: the server says nothing more', async () => {
    const { error } = await fails(broken('08-four-way-close', 'await server.send(connection, rest);', ''));
    expect(error).toMatchObject({ kind: 'deadlock', message: expect.stringContaining('client: recv(3, 100, 0) waits for data') });
  });
  test('8: both close at once', async () => {
    const { failed } = await fails(
      broken(
        '08-four-way-close',
        'await client.shutdown(socket, SHUT_WR);',
        'await client.shutdown(socket, SHUT_WR); await server.shutdown(connection, SHUT_WR);',
      ),
    );
    expect(failed).toContainEqual(['the FIN has put the server into CLOSE-WAIT', "'CLOSE-WAIT'", "'CLOSING'"]);
  });
});

describe('the further lessons fail in the same way', () => {
  const failures = async (source: string) => {
    const { failed, report } = await run(source);
    expect(report.outcome).not.toBe('passed');
    return [
      ...failed.map((check) => `${check.description}: expected ${check.expected}, was ${check.actual}`),
      report.error?.message ?? '',
    ].join('\n');
  };

  test('2: the third segment is lost, and accept() waits for the next SYN,ACK', async () => {
    const source = broken(
      '02-who-unblocks-whom',
      'lab.twoHosts({ delay: oneTrip });',
      'lab.twoHosts({ delay: oneTrip }); link.drop((s) => s.number === 3);',
    );
    expect(await failures(source)).toMatch(/accept\(\) returns a third trip later.*: expected 0\.3.*, was 1\.[0-9]+/);
  });
  test('7: the server answers with another line', async () => {
    const source = broken('07-data-and-acks', "'hello to you too\\r\\n'", "'hello\\r\\n'");
    expect(await failures(source)).toContain('it has 18 octets: expected 18, was 7');
  });
  test('10: the client closes where it should have shut down one direction', async () => {
    const source = broken('10-half-close', 'await client.shutdown(socket, SHUT_WR);', 'await client.close(socket);');
    expect(await failures(source)).toContain('after SHUT_WR nothing more can be sent: expected EPIPE, was EBADF');
  });
  test('11: the second SYN comes too late', async () => {
    const source = broken(
      '11-simultaneous-open',
      "b.connect(fdB, { address: '10.0.0.1', port: 7001 })",
      "sleep(1).then(() => b.connect(fdB, { address: '10.0.0.1', port: 7001 }))",
    );
    expect(await failures(source)).toContain("both are in SYN-SENT: expected ['SYN-SENT', 'SYN-SENT'], was ['SYN-SENT', 'CLOSED']");
  });
  test('12: the server closes only after it has the FIN', async () => {
    const source = broken('12-simultaneous-close', 'server.close(connection)])', 'sleep(1).then(() => server.close(connection))])');
    expect(await failures(source)).toContain('both are in FIN-WAIT-1');
  });
  test('4: the third segments are lost from the start', async () => {
    const source = broken('04-two-queues', '// First:', 'link.drop((s) => s.number === 3);\n// First:');
    expect(await failures(source)).toContain('the third segment moves it to the accept queue: expected [0, 1], was [1, 0]');
  });
  test('5: the program accepts before the queue can overflow', async () => {
    const source = broken('05-accept-queue-overflow', 'await server.listen(fd, 1);', 'await server.listen(fd, 5);');
    expect(await failures(source)).toContain(
      "the server has two in the accept queue and one still in the SYN queue: expected '2,1', was '3,0'",
    );
  });
  test('6: the cookies stay switched off', async () => {
    const source = broken('06-syn-flood-and-cookies', "sysctl('net.ipv4.tcp_syncookies', 1)", "sysctl('net.ipv4.tcp_syncookies', 0)");
    expect(await failures(source)).toContain('it went past the full SYN queue straight to the accept queue: expected [5, 1], was [4, 1]');
  });
  test('9: the server is slow where it should close at once', async () => {
    const source = broken('09-why-three-and-why-four', 'openAndClose(0)', 'openAndClose(1)');
    expect(await failures(source)).toContain(
      "the client has no time for FIN-WAIT-2: FIN-WAIT-1, and then TIME-WAIT: expected 'TIME-WAIT', was 'FIN-WAIT-2'",
    );
  });
  test('13: the lingering close is an ordinary one', async () => {
    const source = broken('13-reset', 'onoff: true', 'onoff: false');
    expect(await failures(source)).toContain("the client is CLOSED at once, without TIME-WAIT: expected 'CLOSED', was 'FIN-WAIT-1'");
  });
  test('13: the forged RST inside the window hits the number that is expected', async () => {
    const source = broken('13-reset', 'await forge(1000)', 'await forge(1)');
    expect(await failures(source)).toContain("the challenge: expected ['server: ACK'], was []");
  });
  test('14: the host is there', async () => {
    const source = broken('14-connect-timeout', 'link.drop(() => true);', '');
    expect(await failures(source)).toContain('in the end connect() fails with ETIMEDOUT: expected ETIMEDOUT, was ECONNREFUSED');
  });
  test('15: the RST is lost', async () => {
    const source = broken('15-back-to-listen', 'const accepting', "link.drop((s) => s.flags === 'RST');\nconst accepting");
    expect(await failures(source)).toContain(
      "LISTEN > SYN-RECEIVED > LISTEN: expected ['LISTEN', 'SYN-RECEIVED', 'LISTEN'], was ['LISTEN', 'SYN-RECEIVED']",
    );
  });
  test('16: the program closes only once it is established', async () => {
    const source = broken('16-close-before-established', "'SYN-RECEIVED', { within: 1 }", "'ESTABLISHED', { within: 1 }");
    expect(await failures(source)).toContain('it was never ESTABLISHED: expected ');
  });
  test('17: the socket does not listen', async () => {
    const source = broken('17-listener-that-connects', 'await server.listen(socket, 5);', '');
    expect(await failures(source)).toContain(
      'connect() on a listening socket fails with EISCONN: expected EISCONN, was it succeeded with undefined',
    );
  });
  test('18: the timeout is another one', async () => {
    const source = broken(
      '18-fin-wait-2-timeout',
      'lab.twoHosts({ delay: ms(10) })',
      "lab.twoHosts({ delay: ms(10), client: { 'net.ipv4.tcp_fin_timeout': 20 } })",
    );
    expect(await failures(source)).toContain(
      "like any other: expected ['FIN-WAIT-2', 'FIN-WAIT-2', 'TIME-WAIT'], was ['FIN-WAIT-2', 'CLOSED', 'CLOSED']",
    );
  });
});

describe('a folder of lessons', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lessons-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

  test('that is not there', async () => {
    expect(await loadLessons(join(folder, 'none'))).toMatchObject({ ok: false, error: { kind: 'no-folder' } });
  });
  test('is read in the order of its numbers, other files left alone', async () => {
    for (const id of ['100-last', '02-second', '11-eleventh']) {
      put(`${id}.ts`, 'note("hi")');
      put(`${id}.md`, `# The ${id}\n`);
      put(`${id}.zh.md`, '# 一课\n');
    }
    put('notes.txt', 'x');
    put('helper.ts', 'x');
    const read = await loadLessons(folder);
    expect(read).toMatchObject({ ok: true, value: { problems: [] } });
    expect(read.ok && read.value.lessons.map(({ id, number, title, titleZh }) => [id, number, title, titleZh])).toEqual([
      ['02-second', 2, 'The 02-second', '一课'],
      ['11-eleventh', 11, 'The 11-eleventh', '一课'],
      ['100-last', 100, 'The 100-last', '一课'],
    ]);
  });
  test('names what is missing, and keeps the rest', async () => {
    for (const id of ['01-a', '01-b', '02-c', '03-d']) put(`${id}.ts`, '');
    for (const id of ['01-a', '01-b', '03-d']) put(`${id}.md`, '# A\n');
    for (const id of ['01-a', '01-b']) put(`${id}.zh.md`, '# 甲\n');
    put('03-d.zh.md', '没有标题\n');
    const read = await loadLessons(folder);
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.lessons.map(({ id }) => id)).toEqual(['01-a']);
    expect(read.value.problems.map(({ kind, path }) => [kind, path.slice(folder.length + 1)])).toEqual([
      ['same-number', '01-b.ts'],
      ['unreadable', '02-c.md'],
      ['no-title', '03-d.zh.md'],
    ]);
  });
});

describe('a course in the folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'course-'));
    for (const id of ['01-a', '02-b', '03-c']) {
      writeFileSync(join(folder, `${id}.ts`), '');
      writeFileSync(join(folder, `${id}.md`), '# A\n');
      writeFileSync(join(folder, `${id}.zh.md`), '# 甲\n');
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = async (text: string) => {
    writeFileSync(join(folder, 'course.json'), text);
    const loaded = await loadLessons(folder);
    if (!loaded.ok) throw new Error(loaded.error.message);
    return loaded.value;
  };
  const course = (...ids: string[]): string =>
    JSON.stringify({
      title: { en: 'C', zh: '丙' },
      parts: [{ title: { en: 'P', zh: '部' }, lessons: ids.map((id) => ({ id, minutes: 5 })) }],
    });

  test('orders the lessons; what it does not name comes last', async () => {
    const { lessons, problems } = await read(course('03-c', '01-a'));
    expect(problems).toEqual([]);
    expect(lessons.map(({ id, place }) => [id, place?.part])).toEqual([
      ['03-c', 'P'],
      ['01-a', 'P'],
      ['02-b', undefined],
    ]);
  });
  test.each([
    ['names a lesson that is not there', course('09-z'), 'there is no whole lesson "09-z"'],
    ['names one twice', course('01-a', '01-a'), '"01-a" stands in it twice'],
    ['is no JSON', '{', 'it is no JSON'],
    ['lacks a part', '{"title":{"en":"x","zh":"y"}}', 'parts: '],
  ])('that %s is a problem, and the lessons stay', async (_what, text, message) => {
    const { lessons, problems } = await read(text);
    expect(lessons).toHaveLength(3);
    expect(problems).toEqual([expect.objectContaining({ kind: 'bad-course', message: expect.stringContaining(message) })]);
  });
});

describe('the templates run as they are', () => {
  test.each(['empty', 'echo', 'bad-link', 'busy-listener'])('%s', async (name) => {
    const source = readFileSync(`resources/templates/${name}.ts`, 'utf8');
    for (const seed of [1, 7]) {
      const { report, failed, said } = await run(source, { seed });
      expect(report.error).toBeUndefined();
      expect(failed).toEqual([]);
      expect(report.checks.length).toBeGreaterThan(0);
      expect(said.length).toBeGreaterThan(0);
    }
  });
});
