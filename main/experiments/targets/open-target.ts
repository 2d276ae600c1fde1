import { err, ok, type Result } from '../../wire/result.ts';
import type { ScriptError } from '../report.ts';
import { EngineTarget } from './engine/engine-target.ts';
import type { Target, TargetOptions } from './target.ts';

/** The targets that are built in. Another one is a case here and a file beside the engine's. */
export function openTarget(kind: string, options: TargetOptions): Result<Target, ScriptError> {
  if (kind === 'engine') return ok(new EngineTarget(options));
  const message = `there is no target "${kind}" here; there is: engine`;
  return err({ kind: 'unusable', message, help: 'Run the experiment with the target engine.', at: undefined });
}
