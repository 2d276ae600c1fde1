import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { decodeMessage, encodeMessage } from '../../renderer/wire-json.ts';
import { ROOT, served } from '../../test/support/tcpwb.ts';
import { fromWireJson, toWireJson } from './wire-json.ts';

describe('the served door', () => {
  let door: Awaited<ReturnType<typeof served>>;
  let base: URL;
  beforeAll(async () => {
    door = await served();
    base = new URL(door.url);
  });
  afterAll(() => door.close());

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: base.port, path, method, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      });
      sent.on('error', reject).end();
    });

  const upgrade = (path: string, headers: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${base.port}${path}`, { headers });
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('error', (error) => (error.message.includes('Unexpected server response') ? undefined : reject(error)));
    });

  const withToken = () => `/?token=${base.searchParams.get('token')}`;
  const socketPath = () => `/socket?token=${base.searchParams.get('token')}`;

  test('lets the printed address in, and a reload by its cookie', async () => {
    const first = await get(withToken());
    expect(first.status).toBe(200);
    expect(first.body).toContain('<div id="root"');
    const [cookie] = first.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await get('/', { Cookie: cookie!.split(';')[0]! })).status).toBe(200);
  });

  test.each([
    ['no token', '/', {}],
    ['a wrong token', '/?token=guess', {}],
    ['a wrong token of the right length', `/?token=${'A'.repeat(32)}`, {}],
    ['an asset without the token', '/assets/index.js', {}],
  ])('%s gets 403 and nothing else', async (_name, path, headers) => {
    expect(await get(path, headers)).toMatchObject({ status: 403, body: '' });
  });

  test('a foreign Host, a foreign Origin: 403 and nothing else, also with the token', async () => {
    expect(await get(withToken(), { Host: 'evil.example' })).toMatchObject({ status: 403, body: '' });
    expect(await get(withToken(), { Host: `evil.example:${base.port}` })).toMatchObject({ status: 403, body: '' });
    expect(await get(withToken(), { Origin: 'http://evil.example' })).toMatchObject({ status: 403, body: '' });
    expect(await get(withToken(), { Origin: `https://127.0.0.1:${base.port}` })).toMatchObject({ status: 403, body: '' });
    expect(await get(withToken(), { Origin: 'null' })).toMatchObject({ status: 403, body: '' });
    expect(await get(withToken(), { Origin: base.origin })).toMatchObject({ status: 200 });
  });

  test('the same holds for the socket', async () => {
    expect(await upgrade('/socket')).toBe(403);
    expect(await upgrade(socketPath(), { Origin: 'http://evil.example' })).toBe(403);
    expect(await upgrade(socketPath(), { Host: 'evil.example' })).toBe(403);
    expect(await upgrade(`/elsewhere${socketPath().slice(7)}`)).toBe(403);
    expect(await upgrade(socketPath(), { Origin: base.origin })).toBe(101);
  });

  test('gives nothing from outside the window’s folder', async () => {
    for (const path of ['/../../package.json', '/..%2f..%2fpackage.json', '/%00', '/assets/../../main/cli.js'])
      expect((await get(`${path}${withToken().slice(1)}`)).status, path).toBe(404);
  });

  test('listens on 127.0.0.1 only', async () => {
    const reached = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.2', port: Number(base.port) });
      socket.on('connect', () => resolve('connected')).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(reached).toBe('ECONNREFUSED');
  });

  test('guards every input: a refusal names the field, and the conversation goes on', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${base.port}${socketPath()}`);
    await new Promise((resolve) => socket.once('open', resolve));
    const answers: { id: number; output?: unknown; refused?: string }[] = [];
    const answered = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        answers.push(fromWireJson(String(data)) as (typeof answers)[number]);
        if (answers.length === 5) resolve();
      });
    });
    socket.send(toWireJson({ id: 1, name: 'startCapture', input: { interface: 'a b' } }));
    socket.send(toWireJson({ id: 2, name: 'segments', input: { session: 's1', connection: -1, from: 0, count: 1 } }));
    socket.send(toWireJson({ id: 3, name: 'constructor', input: {} }));
    socket.send(toWireJson({ id: 4, name: 'connections', input: { session: 's999', from: 0, count: 1 } }));
    socket.send(toWireJson({ id: 5, name: 'about', input: {} }));
    await answered;
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    expect(byId.get(1)?.refused).toContain('startCapture.interface');
    expect(byId.get(2)?.refused).toContain('segments.connection');
    expect(byId.get(3)?.refused).toContain('constructor');
    expect(byId.get(4)?.output).toMatchObject({ ok: false, error: { kind: 'no-such-session' } });
    expect(byId.get(5)?.output).toMatchObject({ version: expect.any(String) });
    socket.terminate();
  });
});

test('octets survive the wire', () => {
  const octets = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(fromWireJson(toWireJson({ a: [octets] }))).toEqual({ a: [octets] });
  expect(fromWireJson('{')).toBeUndefined();
});

test('the door and the window spell octets alike, both ways', () => {
  const message = { id: 1, input: { name: 'a.pcap', octets: Uint8Array.from([0, 127, 128, 255]) } };
  expect(decodeMessage(toWireJson(message))).toEqual(message);
  expect(fromWireJson(encodeMessage(message))).toEqual(message);
});

test('the built window stands where the door looks for it', async () => {
  const { existsSync } = await import('node:fs');
  expect(existsSync(join(ROOT, 'out', 'renderer', 'index.html'))).toBe(true);
});
