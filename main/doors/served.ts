import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isRequestName, isStreamName, Refusal, type Workbench } from '../workbench/index.ts';
import { windowFile } from './window-files.ts';
import { fromWireJson, toWireJson } from './wire-json.ts';

/**
 * The served door: the same window over HTTP and one WebSocket, on 127.0.0.1 only. Whoever knows the token is the person who
 * started it; a page of another origin, a rebound host name or a request without the token gets 403 and nothing else.
 */
export interface ServedOptions {
  readonly workbench: Workbench;
  /** Folder of the built window. */
  readonly window: string;
  /** 0 lets the system choose a free one. */
  readonly port: number;
}

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

const MAX_MESSAGE_OCTETS = 400 * 1024 * 1024; // an opened capture of 256 MiB in base64
const MAX_BUFFERED_OCTETS = 64 * 1024 * 1024;

/** Who may come in. */
class Gatekeeper {
  readonly token = randomBytes(24).toString('base64url');
  #hosts: readonly string[] = [];
  #cookie = '';

  /** Names are known once the port is. */
  open(port: number): void {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.#cookie = `tcpwb-${port}`; // cookies of one host are shared by its ports
  }

  admits(request: IncomingMessage): boolean {
    const { host, origin } = request.headers;
    if (host === undefined || !this.#hosts.includes(host)) return false; // a foreign name that was made to resolve to us
    if (origin !== undefined && !this.#hosts.some((own) => origin === `http://${own}`)) return false; // another site's page
    return this.#presented(request).some((token) => this.#isToken(token));
  }

  #presented(request: IncomingMessage): readonly string[] {
    const query = targetOf(request)?.searchParams.get('token');
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    const own = cookies.find((cookie) => cookie.startsWith(`${this.#cookie}=`))?.slice(this.#cookie.length + 1);
    return [query, own].filter((token) => typeof token === 'string');
  }

  #isToken(presented: string): boolean {
    const given = Buffer.from(presented);
    const wanted = Buffer.from(this.token);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  /** Keeps the person in on a reload, when the token is no longer in the address. */
  get setCookie(): string {
    return `${this.#cookie}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

export async function serve({ workbench, window, port }: ServedOptions): Promise<Served> {
  const gate = new Gatekeeper();
  const server = createServer((request, response) => {
    answer(request, response, gate, window).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_OCTETS });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!gate.admits(request) || targetOf(request)?.pathname !== '/socket') return refuseUpgrade(socket);
    sockets.handleUpgrade(request, socket, head, (client) => converse(client, workbench));
  });
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  gate.open(bound);
  return {
    url: `http://127.0.0.1:${bound}/?token=${gate.token}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The request's target, or undefined where it is no address at all. */
function targetOf(request: IncomingMessage): URL | undefined {
  try {
    return new URL(request.url ?? '/', 'http://127.0.0.1');
  } catch {
    return undefined;
  }
}

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

async function answer(request: IncomingMessage, response: ServerResponse, gate: Gatekeeper, window: string): Promise<void> {
  if (!gate.admits(request)) return void response.writeHead(403, { 'Content-Length': 0 }).end();
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
  const target = targetOf(request);
  const file = target && (await windowFile(window, target));
  if (!file) return void response.writeHead(404).end();
  response.writeHead(200, { ...file.headers, 'Content-Length': file.octets.length, 'Set-Cookie': gate.setCookie });
  response.end(request.method === 'HEAD' ? undefined : file.octets);
}

/** One window's conversation: requests are answered in their own time, streams are pushed while it listens. */
function converse(client: WebSocket, workbench: Workbench): void {
  const subscriptions = new Map<string, () => void>();
  const say = (message: unknown) => {
    // A window that does not read must not fill our memory: it is let go, and comes back with fresh state.
    if (client.bufferedAmount > MAX_BUFFERED_OCTETS) return client.terminate();
    if (client.readyState === client.OPEN) client.send(toWireJson(message));
  };
  client.on('error', () => client.terminate());
  client.on('close', () => {
    for (const end of subscriptions.values()) end();
  });
  client.on('message', async (data, isBinary) => {
    const message = isBinary ? undefined : fromWireJson(data.toString());
    if (typeof message !== 'object' || message === null) return client.close(1007, 'a message is one JSON object');
    const { id, name, input, subscribe, unsubscribe } = message as Record<string, unknown>;
    if (isStreamName(subscribe)) {
      if (!subscriptions.has(subscribe))
        subscriptions.set(
          subscribe,
          workbench.subscribe(subscribe, (pushed) => say({ stream: subscribe, message: pushed })),
        );
    } else if (isStreamName(unsubscribe)) {
      subscriptions.get(unsubscribe)?.();
      subscriptions.delete(unsubscribe);
    } else if (typeof id === 'number' && isRequestName(name)) {
      try {
        say({ id, output: await workbench.handle(name, input) });
      } catch (error) {
        say({ id, refused: error instanceof Refusal ? error.message : `The Workbench could not do this: ${(error as Error).message}` });
      }
    } else if (typeof id === 'number') say({ id, refused: `there is no request named ${JSON.stringify(name)?.slice(0, 80)}` });
    else client.close(1007, 'a message has an id and a name, or names a stream');
  });
}
