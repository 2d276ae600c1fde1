import type { Outcome } from './call.ts';
import type { CallAction } from './script.ts';
import { numberIn } from './values.ts';
import { Miss } from './verdict.ts';

/** Throws a `Miss` when a call came back with something else than the script says. Any descriptor will do for one that `opens`. */
export function checkOutcome(call: CallAction, outcome: Outcome, opens: boolean): void {
  checkResult(call, outcome, opens);
  for (const { what, expected, actual } of outcome.written ?? [])
    if (expected !== actual) throw new Miss('content', `${call.name} tells something else: ${what}`, `«${expected}»`, `«${actual}»`);
}

function checkResult({ name, result, errno }: CallAction, outcome: Outcome, opens: boolean): void {
  if (result.kind === 'ellipsis') return;
  const wanted = numberIn(result, 'the result');
  const fits = opens && wanted >= 0 ? outcome.result >= 0 : wanted === outcome.result;
  if (fits && (errno === undefined || errno === outcome.errno)) return;
  const written = (number: number, error: string | undefined): string => (error === undefined ? `${number}` : `${number} ${error}`);
  throw new Miss(
    'content',
    `${name} came back with something else`,
    `${name}(...) = «${written(wanted, errno)}»`,
    `${name}(...) = «${written(outcome.result, outcome.errno)}»`,
  );
}
