import type { LabStreams, StreamName } from '../../preload/contract.ts';

type Listener<K extends StreamName> = (message: LabStreams[K]) => void;

/** Who listens to which stream. A listener that throws is a bug of its own and does not keep the others from hearing. */
export class Broadcast {
  readonly #listeners = new Map<StreamName, Set<Listener<never>>>();

  /** Returns the call that ends the subscription. */
  subscribe<K extends StreamName>(stream: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(stream) ?? new Set();
    this.#listeners.set(stream, listeners);
    listeners.add(listener as Listener<never>);
    return () => listeners.delete(listener as Listener<never>);
  }

  publish<K extends StreamName>(stream: K, message: LabStreams[K]): void {
    for (const listener of this.#listeners.get(stream) ?? []) (listener as Listener<K>)(message);
  }
}

export const STREAM_NAMES: { readonly [K in StreamName]: true } = { sessions: true, connections: true, engine: true, experiment: true };

export const isStreamName = (name: unknown): name is StreamName => typeof name === 'string' && Object.hasOwn(STREAM_NAMES, name);
