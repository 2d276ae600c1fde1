import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RETRY_AFTER, type Socket, SocketClient } from './client.ts';

/** The far end of the socket, driven by hand. */
class FarEnd implements Socket {
  sent: unknown[] = [];
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  opens(): void {
    this.onopen?.({} as Event);
  }
  says(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }
  drops(): void {
    this.onclose?.({} as CloseEvent);
  }
}

const ends: FarEnd[] = [];
const open = (): FarEnd => {
  const end = new FarEnd();
  ends.push(end);
  return end;
};

beforeEach(() => {
  ends.length = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a request made before the socket opens is sent once it is open, and answered by id', async () => {
  const client = new SocketClient(open);
  const answer = client.request('sessions', {});
  expect(ends[0]!.sent).toEqual([]);
  ends[0]!.opens();
  expect(ends[0]!.sent).toEqual([{ id: 1, name: 'sessions', input: {} }]);
  ends[0]!.says({ id: 1, output: [] });
  expect(await answer).toEqual([]);
});

test('a refused request rejects with the reason', async () => {
  const client = new SocketClient(open);
  ends[0]!.opens();
  const answer = client.request('sessions', {});
  ends[0]!.says({ id: 1, refused: 'no such request' });
  await expect(answer).rejects.toThrow('no such request');
});

test('a dropped link fails what waits, is told, and is opened again with growing patience and the same subscriptions', async () => {
  const client = new SocketClient(open);
  const links: string[] = [];
  client.onLink((link) => links.push(link));
  const heard: unknown[] = [];
  client.subscribe('engine', (message) => heard.push(message));
  ends[0]!.opens();
  const answer = client.request('about', {});
  ends[0]!.drops();
  await expect(answer).rejects.toThrow('went away');
  await expect(client.request('about', {})).rejects.toThrow('does not answer');

  for (let i = 0; i < RETRY_AFTER.length + 2; i++) {
    vi.advanceTimersByTime(RETRY_AFTER[Math.min(i, RETRY_AFTER.length - 1)]!);
    expect(ends).toHaveLength(i + 2);
    if (i < RETRY_AFTER.length + 1) ends.at(-1)!.drops();
  }
  ends.at(-1)!.opens();
  expect(ends.at(-1)!.sent).toEqual([{ subscribe: 'engine' }]);
  ends.at(-1)!.says({ stream: 'engine', message: 42 });
  expect(heard).toEqual([42]);
  expect(links).toEqual(['down', 'up', 'down', 'up']);
});

test('the last listener of a stream ends the subscription, and only the last', () => {
  const client = new SocketClient(open);
  ends[0]!.opens();
  const endFirst = client.subscribe('sessions', () => undefined);
  const endSecond = client.subscribe('sessions', () => undefined);
  endFirst();
  endFirst();
  expect(ends[0]!.sent).toEqual([{ subscribe: 'sessions' }]);
  endSecond();
  expect(ends[0]!.sent).toEqual([{ subscribe: 'sessions' }, { unsubscribe: 'sessions' }]);
});
