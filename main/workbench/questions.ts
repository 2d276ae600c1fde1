import type { Prediction } from '../../preload/contract.ts';

/** The questions a run has put to the person at the window, and waits for. */
export class Questions {
  private readonly open = new Map<number, (answer: string | undefined) => void>();
  private isClosed = false;

  ask({ number }: Prediction): Promise<string | undefined> {
    if (this.isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.open.set(number, resolve));
  }

  /** Undefined: the person does not want to answer. A question that is not open is left alone. */
  answer(number: number, answer: string | undefined): void {
    this.open.get(number)?.(answer);
    this.open.delete(number);
  }

  /** Nobody is there any more to answer. */
  close(): void {
    this.isClosed = true;
    for (const number of [...this.open.keys()]) this.answer(number, undefined);
  }
}
