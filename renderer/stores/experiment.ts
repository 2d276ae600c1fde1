import { createStore } from 'zustand/vanilla';
import type {
  EngineSnapshot,
  ExperimentEvent,
  ExperimentReport,
  LabStreams,
  Language,
  Prediction,
  RunId,
  SessionId,
  WorkbenchError,
} from '../../preload/contract.ts';
import { runStore } from './run.ts';

/** What the editor holds and what its last run said. */
export interface ExperimentState {
  readonly name: string;
  readonly source: string;
  readonly language: Language;
  /** A script has been opened: an empty one is one too. */
  readonly isOpen: boolean;
  readonly target: 'engine' | 'kernel';
  readonly seed: number;
  readonly run: RunId | undefined;
  readonly session: SessionId | undefined;
  readonly running: boolean;
  readonly events: readonly ExperimentEvent[];
  readonly report: ExperimentReport | undefined;
  /** The number of the last question that was answered or passed by. */
  readonly answered: number;
  /** Set when the run could not even start. */
  readonly refused: WorkbenchError | undefined;
  readonly snapshot: EngineSnapshot | undefined;
  /** A line of the script to bring into view; `nonce` makes the same line count again. */
  readonly reveal: { readonly line: number; readonly column: number; readonly nonce: number } | undefined;
}

/** Log lines kept; an endless loop that prints must not fill the memory. */
export const MOST_EVENTS = 20_000;

export const experimentStore = createStore<ExperimentState>(() => ({
  name: 'experiment',
  source: '',
  language: 'typescript',
  isOpen: false,
  target: 'engine',
  seed: 1,
  run: undefined,
  session: undefined,
  running: false,
  events: [],
  report: undefined,
  answered: 0,
  refused: undefined,
  snapshot: undefined,
  reveal: undefined,
}));

export const editSource = (source: string): void => experimentStore.setState({ source });

/** Puts a script into the editor; what the last one said is cleared, because it is about other lines. */
export function loadScript(name: string, source: string, language: Language = 'typescript'): void {
  experimentStore.setState({ name, source, language, isOpen: true, events: [], report: undefined, refused: undefined, reveal: undefined });
  runStore.setState({ breakpoints: [], cause: undefined });
}

/** What a run of the script runs on: packetdrill's go to the engine, whatever is chosen for others. */
export const targetOf = ({ language, target }: Pick<ExperimentState, 'language' | 'target'>): 'engine' | 'kernel' =>
  language === 'packetdrill' ? 'engine' : target;

export const runRequested = (): void =>
  experimentStore.setState({
    answered: 0,
    running: true,
    run: undefined,
    events: [],
    report: undefined,
    refused: undefined,
    snapshot: undefined,
  });

export const runStarted = (run: RunId, session: SessionId): void => {
  experimentStore.setState({ run, session });
  for (const message of early.splice(0)) if (message.run === run) mergeExperiment(message);
};

export const runRefused = (refused: WorkbenchError): void => experimentStore.setState({ running: false, refused });

/** Messages of a run whose name has not arrived yet: a short script can end before the request is answered. */
const early: LabStreams['experiment'][] = [];

/** What the stream `experiment` tells; words of an older run are dropped. */
export function mergeExperiment(message: LabStreams['experiment']): void {
  const state = experimentStore.getState();
  if (state.run === undefined && state.running) {
    early.push(message);
    return;
  }
  if (message.run !== state.run) return;
  if (message.position) runStore.setState({ position: message.position });
  experimentStore.setState({
    events: message.events.length > 0 ? [...state.events, ...message.events].slice(-MOST_EVENTS) : state.events,
    ...(message.snapshot ? { snapshot: message.snapshot } : {}),
    ...(message.report ? { report: message.report, running: false } : {}),
  });
}

/** The question the run waits for, if it does. */
export function openQuestion({ events, running, answered }: ExperimentState): Prediction | undefined {
  if (!running) return undefined;
  const last = events.findLast((event) => event.kind === 'question');
  return last?.kind === 'question' && last.prediction.number > answered ? last.prediction : undefined;
}

export const questionAnswered = (number: number): void => experimentStore.setState({ answered: number });

export const revealLine = (line: number, column: number): void =>
  experimentStore.setState(({ reveal }) => ({ reveal: { line, column, nonce: (reveal?.nonce ?? 0) + 1 } }));
