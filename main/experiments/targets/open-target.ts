import { err, ok, type Result } from '../../wire/result.ts';
import type { ScriptError } from '../report.ts';
import { EngineTarget } from './engine/engine-target.ts';
import { KernelTarget } from './kernel/kernel-target.ts';
import type { Target, TargetOptions } from './target.ts';

/** The targets that are built in. Another one is a case here and a folder beside the engine's. */
export async function openTarget(kind: string, options: TargetOptions): Promise<Result<Target, ScriptError>> {
  if (kind === 'engine') return ok(new EngineTarget(options));
  if (kind === 'kernel') return KernelTarget.open(options);
  const message = `there is no target "${kind}" here; there are: engine, kernel`;
  return err({ kind: 'unusable', message, help: 'Run the experiment with the target engine.', at: undefined });
}
