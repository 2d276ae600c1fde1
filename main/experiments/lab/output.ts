import type { Check, ExperimentEvent, ScriptError } from '../report.ts';
import type { SandboxLimits } from '../sandbox/limits.ts';

/** What a run tells, in order and within its limits; keeps the checks for the report. */
export class Output {
  readonly checks: Check[] = [];
  private readonly limits: SandboxLimits;
  private readonly onEvent: (event: ExperimentEvent) => void;
  private readonly onLimit: (error: ScriptError) => void;
  private characters = 0;
  private events = 0;

  constructor(limits: SandboxLimits, onEvent: (event: ExperimentEvent) => void, onLimit: (error: ScriptError) => void) {
    this.limits = limits;
    this.onEvent = onEvent;
    this.onLimit = onLimit;
  }

  emit(event: ExperimentEvent): void {
    this.characters += weight(event);
    const { output, events } = this.limits;
    if (this.characters > output) this.onLimit(tooMuch(`more than ${output} characters of output`));
    else if (++this.events > events) this.onLimit(tooMuch(`more than ${events} logs, checks and calls`));
    else {
      if (event.kind === 'check') this.checks.push(event.check);
      this.onEvent(event);
    }
  }
}

const tooMuch = (what: string): ScriptError => ({
  kind: 'output-limit',
  message: `the script caused ${what}`,
  help: 'Log less, or end the loop that logs.',
  at: undefined,
});

function weight(event: ExperimentEvent): number {
  switch (event.kind) {
    case 'log':
      return event.text.length;
    case 'check':
      return event.check.description.length + event.check.expected.length + event.check.actual.length;
    case 'question':
    case 'prediction':
      return event.prediction.question.length + (event.prediction.actual?.length ?? 0);
    case 'call':
      return 0; // bounded in length, and counted as an event
  }
}
