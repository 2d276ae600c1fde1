import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { CaptureOptions, ConnectionRecord, EngineSnapshot, SegmentRow, Session } from '../../preload/contract.ts';
import { connectionsStore, firstGap, forgetSession, mergeConnections, mergePage, secondsSince, worthShowing } from './connections.ts';
import { experimentStore, loadScript, mergeExperiment, openQuestion, questionAnswered, runRequested, runStarted } from './experiment.ts';
import { chooseInterface, interfacesStore, replaceInterfaces, wantedCapture } from './interfaces.ts';
import { partsOf } from './lessons.ts';
import { mergeSegments, missingPages, PAGE, pageTowards, segmentsStore, showSegmentsOf } from './segments.ts';
import { moveCursor, selectConnection, selectionStore, selectPacket, selectSession, suggestConnection } from './selection.ts';
import { capturing, isCaptured, liveSession, mergeSessions, replaceSessions, sessionsStore, troubleOf } from './sessions.ts';
import { readSettings } from './settings.ts';
import { SnapshotHistory } from './snapshot-history.ts';

const at = (seconds: number) => ({ seconds: Math.floor(seconds), nanoseconds: Math.round((seconds % 1) * 1e9) });

function connection(
  id: number,
  packets: number,
  states: readonly ConnectionRecord['states']['client'][number]['state'][] = ['ESTABLISHED'],
): ConnectionRecord {
  const spans = states.map((state, i) => ({
    state,
    from: at(100 + id + i),
    packet: i + 1,
    because: [i + 1],
    trigger: 'start' as const,
    certainty: 'seen' as const,
  }));
  return {
    id,
    client: { address: '10.0.0.1', port: 40_000 + id },
    server: { address: '10.0.0.2', port: 9502 },
    complete: 7,
    start: at(100 + id),
    end: at(101 + id),
    packets: { client: packets, server: 0 },
    bytes: { client: 0, server: 0 },
    states: { client: spans, server: spans },
    events: [],
    eventCount: 0,
  };
}

const session = (id: string, kind: 'live' | 'file', status: 'running' | 'ended'): Session => ({
  id,
  title: id,
  source: kind === 'live' ? { kind, interface: 'lo', filter: '', backend: 'helper' } : { kind, name: id },
  status: { kind: status },
  counters: { packets: 0, tcpPackets: 0, malformed: 0, connections: 0, droppedByKernel: 0, droppedByInterface: 0, droppedByQueue: 0 },
});

describe('sessions', () => {
  test('a change keeps its place, a new one goes last, a closed one leaves', () => {
    replaceSessions([session('a', 'file', 'ended'), session('b', 'live', 'running')]);
    expect(liveSession(sessionsStore.getState())?.id).toBe('b');
    mergeSessions({ changed: [session('b', 'live', 'ended'), session('c', 'file', 'ended')], closed: ['a'] });
    expect(sessionsStore.getState().sessions.map((s) => `${s.id} ${s.status.kind}`)).toEqual(['b ended', 'c ended']);
    expect(liveSession(sessionsStore.getState())).toBeUndefined();
  });

  test('trouble is what ended a session, or what is wrong while it goes on', () => {
    const error = { kind: 'not-recorded', message: 'The disk is full.' };
    expect([
      troubleOf({ kind: 'failed', error }),
      troubleOf({ kind: 'running', warning: error }),
      troubleOf({ kind: 'ended', warning: error }),
    ]).toEqual([error, error, error]);
    expect([troubleOf({ kind: 'running' }), troubleOf({ kind: 'starting' }), troubleOf(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('several captures may run: Stop is for the one shown, and the same is not started twice', () => {
    replaceSessions([session('a', 'live', 'running'), session('b', 'live', 'running'), session('c', 'file', 'ended')]);
    const stops = (shown: string | undefined) => capturing(sessionsStore.getState(), shown)?.id;
    expect([stops('a'), stops('b'), stops('c'), stops(undefined)]).toEqual(['a', 'b', 'b', 'b']);
    const isRunning = (wanted: CaptureOptions) => isCaptured(sessionsStore.getState(), wanted);
    expect(isRunning({ interface: 'lo' })).toBe(true);
    expect([{ interface: 'eth0' }, { interface: 'lo', filter: 'tcp' }, { interface: 'lo', host: 'far' }].map(isRunning)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('connections', () => {
  const table = () => connectionsStore.getState().tables.get('s')!;
  beforeEach(() => {
    vi.useFakeTimers();
    forgetSession('s');
  });

  test('a hundred deltas within a frame are one change of the store', () => {
    const before = connectionsStore.getState().version;
    vi.runAllTimers();
    const settled = connectionsStore.getState().version;
    for (let i = 0; i < 100; i++) mergeConnections({ session: 's', total: i + 1, changed: [connection(i, 1)] });
    vi.runAllTimers();
    expect(connectionsStore.getState().version).toBe(settled + 1);
    expect(settled).toBeGreaterThanOrEqual(before);
    expect(table().held).toBe(100);
  });

  test('what the stream has told since is not undone by an older page', () => {
    mergeConnections({ session: 's', total: 3, changed: [connection(1, 9)] });
    expect(firstGap(table(), 1000)).toEqual({ from: 0, count: 3 });
    mergePage('s', 3, [connection(0, 2), connection(1, 4), connection(2, 2)]);
    expect(table().records[1]?.packets.client).toBe(9);
    expect(firstGap(table(), 1000)).toBeUndefined();
  });

  test('the time axis spans all connections, and counts to the nanosecond', () => {
    mergeConnections({ session: 's', total: 2, changed: [connection(1, 1), connection(0, 1, ['SYN-SENT', 'ESTABLISHED', 'CLOSED'])] });
    expect(table().origin).toEqual({ seconds: 100, nanoseconds: 0 });
    expect(table().latest).toEqual({ seconds: 102, nanoseconds: 0 });
    expect(secondsSince({ seconds: 5, nanoseconds: 999_999_999 }, { seconds: 6, nanoseconds: 0 })).toBeCloseTo(1e-9, 15);
  });

  test('nobody chose: what is shown stays while it lives, then the newest that lives takes its place', () => {
    mergeConnections({ session: 's', total: 2, changed: [connection(0, 1), connection(1, 1)] });
    expect(worthShowing(table(), undefined)).toBe(1);
    expect(worthShowing(table(), 0)).toBe(0);
    mergeConnections({ session: 's', total: 2, changed: [connection(0, 5, ['TIME-WAIT'])] });
    expect(worthShowing(table(), 0)).toBe(1);
    mergeConnections({ session: 's', total: 2, changed: [connection(1, 5, ['CLOSED'])] });
    expect(worthShowing(table(), 0)).toBe(0);
  });
});

describe('selection', () => {
  test('each choice lets go of what belongs to the last one', () => {
    selectSession('a');
    selectPacket(3, 17, 1.5);
    expect(selectionStore.getState()).toMatchObject({ session: 'a', connection: 3, packet: 17, cursor: 1.5 });
    selectConnection(4);
    expect(selectionStore.getState()).toMatchObject({ connection: 4, packet: undefined, cursor: 1.5 });
    moveCursor(undefined);
    selectSession('b');
    expect(selectionStore.getState()).toEqual({
      session: 'b',
      connection: undefined,
      packet: undefined,
      cursor: undefined,
      automatic: true,
    });
  });

  test("the window's own choice gives way to a person's, for as long as the session is shown", () => {
    selectSession('c');
    suggestConnection(1);
    suggestConnection(2);
    expect(selectionStore.getState().connection).toBe(2);
    selectConnection(2);
    suggestConnection(3);
    expect(selectionStore.getState().connection).toBe(2);
  });
});

describe('segments', () => {
  const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ frame: from + i + 1 }) as SegmentRow);

  test('only the pages in sight that miss a row are asked for', () => {
    showSegmentsOf('s', 1);
    mergeSegments('s', 1, 0, 3 * PAGE, rows(0, PAGE));
    expect(missingPages(segmentsStore.getState(), 0, 20)).toEqual([]);
    expect(missingPages(segmentsStore.getState(), PAGE - 5, PAGE + 5)).toEqual([PAGE]);
    expect(missingPages(segmentsStore.getState(), 0, 10 * PAGE)).toEqual([PAGE, 2 * PAGE]);
  });

  test('a frame far along a long connection is found by halving', () => {
    const all = Array.from({ length: 50 * PAGE - 7 }, (_, i) => ({ frame: 3 * i + 1 }) as SegmentRow);
    const rows: (SegmentRow | undefined)[] = [];
    const wanted = all[41 * PAGE + 11]!.frame;
    let asked = 0;
    for (
      let page = pageTowards({ rows, total: all.length }, wanted);
      page !== undefined;
      page = pageTowards({ rows, total: all.length }, wanted)
    ) {
      all.slice(page, page + PAGE).forEach((row, i) => {
        rows[page! + i] = row;
      });
      asked++;
    }
    expect(rows[41 * PAGE + 11]?.frame).toBe(wanted);
    expect(asked).toBeLessThanOrEqual(6);
    // One that is no segment of it ends as well.
    rows.length = 0;
    rows.push(...all);
    expect(pageTowards({ rows, total: all.length }, wanted + 1)).toBeUndefined();
  });

  test('rows of a connection no longer shown are dropped', () => {
    showSegmentsOf('s', 2);
    mergeSegments('s', 1, 0, 5, rows(0, 5));
    expect(segmentsStore.getState()).toMatchObject({ connection: 2, total: 0, rows: [] });
  });
});

test('a capture listens to the interface chosen, where it may, or to another machine’s until one of this is chosen again', () => {
  const wanted = () => wantedCapture(interfacesStore.getState());
  const info = { description: '', addresses: [], linkType: 'Ethernet', up: true, running: true, loopback: false, wireless: false };
  replaceInterfaces([
    { ...info, name: 'lo', capture: { allowed: true } },
    { ...info, name: 'eth0', capture: { allowed: false } },
  ]);
  chooseInterface('eth0');
  expect(wanted()).toBeUndefined();
  interfacesStore.setState({ remote: { host: 'me@far', interface: 'any' }, filter: ' tcp ' });
  expect(wanted()).toEqual({ host: 'me@far', interface: 'any', filter: 'tcp' });
  chooseInterface('lo');
  expect(wanted()).toEqual({ interface: 'lo', filter: 'tcp' });
  interfacesStore.setState({ filter: '' });
});

describe('experiment', () => {
  const log = (text: string) => ({ kind: 'log' as const, time: 0, level: 'info' as const, text, at: undefined });
  const report = {
    name: 'x',
    target: 'engine' as const,
    seed: 1,
    outcome: 'passed' as const,
    checks: [],
    predictions: [],
    parameters: {},
    error: undefined,
    duration: 1,
  };

  test('a run that ends before its name arrives is still told in full', () => {
    loadScript('x', '//');
    runRequested();
    mergeExperiment({ run: 'r1', events: [log('first')] });
    mergeExperiment({ run: 'r1', events: [log('second')], report });
    runStarted('r1', 's9');
    expect(experimentStore.getState()).toMatchObject({ running: false, session: 's9', report: { outcome: 'passed' } });
    expect(experimentStore.getState().events).toHaveLength(2);
  });

  test('a question stands open until it is answered, passed by, or the run is over', () => {
    const asked = (number: number) => ({
      kind: 'question' as const,
      time: 0,
      prediction: { number, question: 'Which state?', choices: [], answer: undefined, actual: undefined, right: undefined, at: undefined },
    });
    const open = () => openQuestion(experimentStore.getState())?.number;
    runRequested();
    runStarted('r5', 's5');
    expect(open()).toBeUndefined();
    mergeExperiment({ run: 'r5', events: [asked(1)] });
    expect(open()).toBe(1);
    questionAnswered(1);
    expect(open()).toBeUndefined();
    mergeExperiment({ run: 'r5', events: [asked(2), log('and meanwhile')] });
    expect(open()).toBe(2);
    mergeExperiment({ run: 'r5', events: [], report });
    expect(open()).toBeUndefined();
    runRequested();
    runStarted('r6', 's6');
    mergeExperiment({ run: 'r6', events: [asked(1)] });
    expect(open()).toBe(1);
  });

  test('words of an older run are dropped', () => {
    runRequested();
    runStarted('r2', 's10');
    mergeExperiment({ run: 'r1', events: [log('late')] });
    expect(experimentStore.getState().events).toEqual([]);
  });
});

test('of the interfaces, the one that most likely works is chosen, and a choice is kept', () => {
  const info = (name: string, allowed: boolean, loopback: boolean) => ({
    name,
    description: '',
    addresses: [],
    linkType: 'EN10MB',
    up: true,
    running: true,
    loopback,
    wireless: false,
    capture: { allowed },
  });
  replaceInterfaces([info('eth0', true, false), info('lo', true, true), info('wlan0', false, false)]);
  expect(interfacesStore.getState().chosen).toBe('lo');
  interfacesStore.setState({ chosen: 'eth0' });
  replaceInterfaces([info('lo', true, true), info('eth0', true, false)]);
  expect(interfacesStore.getState().chosen).toBe('eth0');
  replaceInterfaces([info('lo', true, true)]);
  expect(interfacesStore.getState().chosen).toBe('lo');
});

test('settings from elsewhere are taken only where they are settings', () => {
  expect(readSettings({ theme: 'light', language: 'zh' }, [])).toEqual({ theme: 'light', language: 'zh' });
  expect(readSettings({ theme: 7 }, ['zh-CN'])).toEqual({ theme: 'system', language: 'zh' });
  expect(readSettings(undefined, ['de'])).toEqual({ theme: 'system', language: 'en' });
});

describe('the past of an engine', () => {
  const snapshot = (seconds: number): EngineSnapshot => ({ now: (seconds * 1e9) as EngineSnapshot['now'], hosts: [] });

  test('any moment is answered by the last snapshot before it', () => {
    const history = new SnapshotHistory();
    for (const s of [0, 1, 2]) history.add(snapshot(s));
    expect(history.at(1.5)?.now).toBe(1e9);
    expect(history.at(-1)?.now).toBe(0);
    expect(history.at(99)?.now).toBe(2e9);
  });

  test('it stays bounded, keeps its first moment and the recent ones, and forgets a run that was restarted', () => {
    const history = new SnapshotHistory();
    for (let i = 0; i < 10_000; i++) history.add(snapshot(i));
    expect(history.snapshots.length).toBeLessThanOrEqual(1800);
    expect(history.snapshots[0]?.now).toBe(0);
    expect(history.snapshots.slice(-3).map((s) => s.now / 1e9)).toEqual([9997, 9998, 9999]);
    history.add(snapshot(0));
    expect(history.snapshots).toHaveLength(1);
  });
});

describe('lessons', () => {
  const lesson = (number: number, part?: string) => ({
    id: `${number}`,
    number,
    title: '',
    titleZh: '',
    text: '',
    textZh: '',
    source: '',
    ...(part && { place: { part, partZh: part, minutes: 10 } }),
  });
  test('stand as the course groups them; the rest is a part without title', () => {
    const parts = partsOf([lesson(3, 'first'), lesson(1, 'first'), lesson(2, 'second'), lesson(9)]);
    expect(parts.map(({ title, minutes, lessons }) => [title?.en, minutes, lessons.map(({ number }) => number)])).toEqual([
      ['first', 20, [3, 1]],
      ['second', 10, [2]],
      [undefined, 0, [9]],
    ]);
  });
});
