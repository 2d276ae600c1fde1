import type { Endpoint, EngineSnapshot, RunCommand, RunMoment, SegmentRow, ShownSegment, WorkbenchError } from '../../preload/contract.ts';
import { describe } from '../experiments/stepping/describe.ts';
import type { Stepper } from '../experiments/stepping/stepper.ts';
import { ok, type Result, unreachable } from '../wire/result.ts';
import { nanos } from '../wire/units.ts';
import type { Analyst } from './analyst.ts';
import { FilterStop } from './filter-stop.ts';
import type { Questions } from './questions.ts';

/** Of one step, told in words; a step of thousands of segments is told by its first. */
const MOST_TOLD = 50;

/** Does what a person asks of a run, and shows the moment that is looked at then. */
export async function control(
  stepper: Stepper,
  questions: Questions,
  command: Exclude<RunCommand, { filter: string }>,
): Promise<RunMoment> {
  switch (command.kind) {
    case 'run-to':
      await stepper.runTo({ kind: 'state', state: command.state, ...(command.host === undefined ? {} : { host: command.host }) });
      break;
    case 'run':
      void stepper.run();
      break;
    case 'pause':
      stepper.pause();
      break;
    case 'step':
      await stepper.step(command.unit);
      break;
    case 'back':
      stepper.back(command.unit);
      break;
    case 'look': {
      const { recording } = stepper.recorder;
      const step = 'step' in command.at ? command.at.step : recording.stepAt(nanos(command.at.time));
      const known = Math.min(step, recording.length);
      if (stepper.position.run === 'running') return momentAt(stepper, known);
      await stepper.seek({ step: known });
      break;
    }
    case 'breakpoints':
      stepper.setBreakpoints(command.lines);
      break;
    case 'answer':
      questions.answer(command.number, command.answer);
      break;
    default:
      unreachable(command);
  }
  return momentAt(stepper, stepper.position.step);
}

/** Runs on to the first segment that passes a filter. `watch` has the filter given what comes until it is called off. */
export async function runToFilter(
  stepper: Stepper,
  analyst: Analyst,
  text: string,
  watch: (stop: FilterStop | undefined) => void,
): Promise<Result<RunMoment, WorkbenchError>> {
  stepper.pause();
  await new Promise((resolve) => setImmediate(resolve)); // the event in hand is the last before the run stands
  const selection = await analyst.selection(text);
  if (!selection.ok) return selection;
  const filter = new FilterStop(selection.value, stepper.recorder);
  watch(filter);
  await stepper.runTo(filter.stop);
  watch(undefined);
  return ok(momentAt(stepper, stepper.position.step));
}

function momentAt(stepper: Stepper, step: number): RunMoment {
  const { recording, journal } = stepper.recorder;
  const position = { ...stepper.position, step, time: recording.momentAt(step).time, line: journal.lineAt(step) };
  const happened = journal.in(step).slice(0, MOST_TOLD);
  return { position, snapshot: recording.snapshot(step), happened: happened.map(({ fact }) => describe(fact)) };
}

/** The engine all along the run, evenly spaced by steps, with no more of it than the charts of one connection need. */
export function history({ recorder }: Stepper, ends: readonly Endpoint[], most: number): readonly EngineSnapshot[] {
  const { recording } = recorder;
  const moments: EngineSnapshot[] = [];
  let last = -1;
  for (let i = 0; i < most; i++) {
    const { step } = recording.momentAt(Math.round((i * recording.length) / Math.max(1, most - 1)));
    if (step === last) continue;
    last = step;
    moments.push(onlyEnds(recording.snapshot(step), ends));
  }
  return moments;
}

const onlyEnds = ({ now, hosts }: EngineSnapshot, ends: readonly Endpoint[]): EngineSnapshot => {
  const is = (address: string, port: number): boolean => ends.some((end) => end.address === address && end.port === port);
  return {
    now,
    hosts: hosts.map((host) => ({
      ...host,
      connections: host.connections.filter((one) => is(one.localAddress, one.localPort) && is(one.remoteAddress, one.remotePort)),
      timeWait: [],
      idleSockets: [],
      udp: [],
      unix: [],
    })),
  };
};

/** A row of the packets with what the run knows of it. */
export function withOrigin({ recorder }: Stepper, row: SegmentRow): ShownSegment {
  const origin = recorder.frames[row.frame - 1];
  if (!origin) return row;
  return { ...row, step: origin.step, ...(origin.line === undefined ? {} : { line: origin.line }) };
}
