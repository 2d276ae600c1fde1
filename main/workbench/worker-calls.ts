import type { Worker } from 'node:worker_threads';

/** A question as it crosses to the thread. */
export type Asked<C> = { [K in keyof C & string]: { readonly call: K; readonly id: number; readonly input: Input<C, K> } }[keyof C &
  string];

type Input<C, K extends keyof C> = C[K] extends (input: infer I) => unknown ? I : never;
type Output<C, K extends keyof C> = C[K] extends (input: never) => infer O ? Awaited<O> : never;

interface Waiting {
  readonly resolve: (output: never) => void;
  readonly reject: (error: Error) => void;
}

/** Questions to a worker thread, each answered by its number. Once the thread is lost they all fail, with the reason. */
export class WorkerCalls<C> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #lost: string | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  call<K extends keyof C & string>(call: K, input: Input<C, K>): Promise<Output<C, K>> {
    if (this.#lost !== undefined) return Promise.reject(new Error(this.#lost));
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ call, id, input });
    });
  }

  answered({ id, output }: { readonly id: number; readonly output: unknown }): void {
    this.#waiting.get(id)?.resolve(output as never);
    this.#waiting.delete(id);
  }

  lose(why: string): void {
    this.#lost ??= why;
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
