import type { Prediction, ScriptPosition } from '../report.ts';

/** The answers of whoever runs the script, by the question's text or its number from 1. */
export type Answers = Readonly<Record<string, string | number | boolean>>;

/** What was asked in a run, what was answered and what turned out. */
export class Predictions {
  private readonly made: Prediction[] = [];
  private readonly answers: Answers;

  constructor(answers: Answers) {
    this.answers = answers;
  }

  get all(): readonly Prediction[] {
    return this.made;
  }

  ask(question: string, choices: readonly string[], at: ScriptPosition | undefined): Prediction {
    const number = this.made.length + 1;
    const given = [question, String(number)].find((key) => Object.hasOwn(this.answers, key));
    const answer = given === undefined ? undefined : String(this.answers[given]);
    const prediction: Prediction = { number, question, choices, answer, actual: undefined, right: undefined, at };
    this.made.push(prediction);
    return prediction;
  }

  answered(number: number, answer: string | undefined): void {
    this.replace(number, { answer });
  }

  /** How it was in the run; undefined when there is no such question. */
  turnedOut(number: number, actual: string): Prediction | undefined {
    const answer = this.made[number - 1]?.answer;
    const right = answer === undefined ? undefined : plain(answer) === plain(actual);
    return this.replace(number, { actual, right });
  }

  private replace(number: number, change: Partial<Prediction>): Prediction | undefined {
    const known = this.made[number - 1];
    if (!known) return undefined;
    const changed = { ...known, ...change };
    this.made[number - 1] = changed;
    return changed;
  }
}

/** "Syn-Sent " is "SYN-SENT", and "2.0" is "2". */
function plain(text: string): string {
  const trimmed = text.trim().toLowerCase();
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? String(Number(trimmed)) : trimmed;
}
