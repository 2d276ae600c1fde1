import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ExperimentEvent } from '../report.ts';
import { type Experiment, runExperiment } from '../run.ts';
import { RunRecorder } from '../stepping/run-recorder.ts';
import { reportPage } from './page.ts';
import { type RecordedRun, runAsJson } from './recorded-run.ts';

async function recorded(source: string, more: Partial<Experiment> = {}): Promise<RecordedRun> {
  const events: ExperimentEvent[] = [];
  const recorder = new RunRecorder();
  const report = await runExperiment(
    { name: 'test', source, target: 'engine', seed: 1, ...more },
    { onEvent: (event) => events.push(event), onFrames: () => {}, recorder },
  );
  return { report, events, happenings: recorder.journal.happenings, versions: { 'TCP Workbench': '9.9' } };
}

test('a lesson: what was predicted, the checks, every segment and state, seed and versions', async () => {
  const page = reportPage(await recorded(readFileSync('resources/lessons/01-three-way-handshake.ts', 'utf8'), { seed: 42 }));
  expect(page).toContain('<p class="outcome passed">Passed</p>');
  expect(page).toContain('<dt>Checks</dt><dd>20 of 20 passed</dd>');
  expect(page).toContain('<dt>Seed</dt><dd>42</dd>');
  expect(page).toContain('<dt>TCP Workbench</dt><dd>9.9</dd>');
  expect(page.match(/<g class="plain">/g)).toHaveLength(6);
  expect(page).toContain('>SYN,ACK ack 1</text>');
  expect(page).toMatch(/<title>SYN-RECEIVED from 0\.010000 s<\/title>/);
});

test('a failed check says what was expected; a prediction what was thought and what it was', async () => {
  const source = `
    (await predict('How many?', [1, 2])).turnsOut(2);
    expect(param('n', 5), 'n is six').toBe(6);
    await Promise.reject(new Error('and out'));`;
  const page = reportPage(await recorded(source, { answers: { 1: 1 } }));
  expect(page).toContain('<td>How many?</td><td>1</td><td>2</td><td class="bad">wrong</td>');
  expect(page).toContain('expected <code>6</code>, was <code>5</code>');
  expect(page).toContain('<dt>Parameter n</dt><dd>5</dd>');
  expect(page).toContain('Error: and out <span class="time">line 4</span>');
});

test('nothing that a script says becomes markup, in whatever place it says it', async () => {
  const evil = `</style></title><script>alert(1)</script><img src=x onerror="alert(1)">'"\u0000&`;
  const source = `
    const evil = ${JSON.stringify(evil)};
    const host = lab.host('<b>"host"</b>', { addresses: ['10.0.0.1/24'] });
    const other = lab.host('other', { addresses: ['10.0.0.2/24'] });
    lab.link(host, other);
    const p = host.process(evil.slice(0, 60));
    const fd = await p.socket(AF_INET, SOCK_STREAM);
    await p.connect(fd, { address: '10.0.0.2', port: 1 }).catch(() => {});
    (await predict(evil, [evil])).turnsOut(evil);
    expect(evil, evil).toBe(param('p' + 1, evil));
    expect(evil, evil).toBe('');
    console.log(evil);
    throw new Error(evil);`;
  const page = reportPage(await recorded(source, { name: evil, answers: { 1: evil } }));
  expect(page).not.toMatch(/<script|<img|<b>|onerror="/i);
  expect(page.match(/<\/style>/g)).toHaveLength(1);
  expect(page).not.toContain('\u0000');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).toContain('&lt;b&gt;&quot;host&quot;&lt;/b&gt; #');
});

test('the page needs nothing from elsewhere and runs nothing', async () => {
  const page = reportPage(await recorded('note("hello")'));
  expect(page).not.toMatch(/<(script|link|img|iframe|object|embed)\b|https?:|url\(|@import/i);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).toContain('@media (prefers-color-scheme: dark)');
  expect(page).toContain('@media print');
});

test('a run of thousands of segments stays a page; the rest is counted', async () => {
  const source = `
    const { client, server } = lab.twoHosts();
    const listener = await server.socket(AF_INET, SOCK_STREAM);
    await server.bind(listener, { address: INADDR_ANY, port: 80 });
    await server.listen(listener, 200);
    for (let n = 0; n < 120; n++) await client.connect(await client.socket(AF_INET, SOCK_STREAM), { address: '10.0.0.2', port: 80 });`;
  const page = reportPage(await recorded(source));
  expect(page).toContain('60 more segments are left out');
  expect(page).toMatch(/\d+ more connections are left out/);
  expect(page.length).toBeLessThan(400_000);
});

test('as data it has the report, the events, each segment with its line, and each change of state', async () => {
  const run = await recorded(readFileSync('resources/lessons/01-three-way-handshake.ts', 'utf8'));
  const data = JSON.parse(JSON.stringify(runAsJson(run)));
  expect(data).toMatchObject({ name: 'test', outcome: 'passed', seed: 1, versions: { 'TCP Workbench': '9.9' } });
  expect(data.segments).toHaveLength(6);
  expect(data.segments[0]).toMatchObject({ from: 'client', flags: 'SYN', relativeSeq: 0, line: 16 });
  expect(data.states[0]).toMatchObject({ host: 'server', from: 'CLOSED', to: 'LISTEN', time: 0 });
  expect(data.events.length).toBeGreaterThan(20);
});
