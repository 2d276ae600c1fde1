/** Milliseconds that a piece of work may take before the event loop has its turn. */
const TURN_MS = 8;

/** Long work in pieces: between them whatever else waits goes on. */
export class Turns {
  #began = performance.now();

  /** To be asked now and then: lets others have their turn when it is time. */
  async pass(): Promise<void> {
    if (performance.now() - this.#began < TURN_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#began = performance.now();
  }
}
