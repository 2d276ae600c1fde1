import type { LabClient, LabStreams, RequestInput, RequestName, RequestOutput, StreamName } from '../preload/contract.ts';
import { decodeMessage, encodeMessage } from './wire-json.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload; absent in a served window. */
    readonly workbench?: LabClient;
  }
}

/** The Workbench this window talks to: over Electron's bridge where there is one, else over the served door's socket. */
export function openClient(): LabClient {
  return window.workbench ?? new SocketClient(() => new WebSocket(socketUrl(takeToken())));
}

let token = '';

/** The one-time token, out of the address bar and into memory, so that neither history nor a screenshot keeps it. */
function takeToken(): string {
  const { hash, search, pathname } = window.location;
  const found = new URLSearchParams(hash.slice(1)).get('token') ?? new URLSearchParams(search).get('token');
  if (found) {
    token = found;
    window.history.replaceState(null, '', pathname);
  }
  return token;
}

const socketUrl = (secret: string): string => `ws://${window.location.host}/socket?token=${encodeURIComponent(secret)}`;

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Answer =
  | { readonly id: number; readonly output?: unknown; readonly refused?: string }
  | { readonly stream: StreamName; readonly message: unknown };

/** How long to wait before the first, second, ... attempt to reach the Workbench again, in milliseconds. */
export const RETRY_AFTER = [250, 500, 1000, 2000, 4000, 8000] as const;

/** The part of WebSocket used here, so that a conversation can be tested without a network. */
export interface Socket {
  send(text: string): void;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
}

/** LabClient over one WebSocket, opened again with a bounded back-off whenever it drops. */
export class SocketClient implements LabClient {
  #open: () => Socket;
  #socket: Socket | undefined;
  #up = false;
  #attempts = 0;
  #nextId = 1;
  #waiting = new Map<number, Waiting>();
  #queued: string[] = [];
  #listeners = new Map<StreamName, Set<(message: never) => void>>();
  #linkListeners = new Set<(link: 'up' | 'down') => void>();

  constructor(open: () => Socket) {
    this.#open = open;
    this.#connect();
  }

  request<K extends RequestName>(name: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    const id = this.#nextId++;
    const text = encodeMessage({ id, name, input });
    return new Promise((resolve, reject) => {
      if (!this.#up && this.#attempts > 0) {
        reject(new Error('The Workbench does not answer.'));
        return;
      }
      this.#waiting.set(id, { resolve: resolve as (output: unknown) => void, reject });
      if (this.#up) this.#socket?.send(text);
      else this.#queued.push(text);
    });
  }

  subscribe<K extends StreamName>(name: K, listener: (message: LabStreams[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as (message: never) => void);
    if (listeners.size === 1 && this.#up) this.#socket?.send(encodeMessage({ subscribe: name }));
    return () => {
      if (!listeners.delete(listener as (message: never) => void)) return;
      if (listeners.size === 0 && this.#up) this.#socket?.send(encodeMessage({ unsubscribe: name }));
    };
  }

  onLink(listener: (link: 'up' | 'down') => void): () => void {
    this.#linkListeners.add(listener);
    listener(this.#up ? 'up' : 'down');
    return () => this.#linkListeners.delete(listener);
  }

  #connect(): void {
    const socket = this.#open();
    this.#socket = socket;
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = (event) => this.#arrived(String(event.data));
    socket.onclose = () => this.#closed();
  }

  #opened(socket: Socket): void {
    this.#up = true;
    this.#attempts = 0;
    for (const [name, listeners] of this.#listeners) if (listeners.size > 0) socket.send(encodeMessage({ subscribe: name }));
    for (const text of this.#queued.splice(0)) socket.send(text);
    for (const listener of this.#linkListeners) listener('up');
  }

  #arrived(text: string): void {
    let answer: Answer;
    try {
      answer = decodeMessage(text) as Answer;
    } catch (error) {
      console.error('A message of the Workbench could not be read.', error);
      return;
    }
    if ('stream' in answer) {
      for (const listener of this.#listeners.get(answer.stream) ?? []) listener(answer.message as never);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.refused !== undefined) waiting?.reject(new Error(answer.refused));
    else waiting?.resolve(answer.output);
  }

  #closed(): void {
    const wasUp = this.#up;
    this.#up = false;
    const gone = new Error('The Workbench went away before it answered.');
    for (const waiting of this.#waiting.values()) waiting.reject(gone);
    this.#waiting.clear();
    this.#queued = [];
    const wait = RETRY_AFTER[Math.min(this.#attempts, RETRY_AFTER.length - 1)]!;
    this.#attempts++;
    setTimeout(() => this.#connect(), wait);
    if (wasUp || this.#attempts === 1) for (const listener of this.#linkListeners) listener('down');
  }
}
