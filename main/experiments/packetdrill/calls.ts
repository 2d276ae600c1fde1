import type { Back, Call, CallContext } from './call.ts';
import { OPTION_CALLS } from './calls-options.ts';
import { READINESS_CALLS } from './calls-readiness.ts';
import { SOCKET_CALLS } from './calls-socket.ts';
import { TRANSFER_CALLS } from './calls-transfer.ts';
import type { CallAction } from './script.ts';
import { Miss } from './verdict.ts';

const CALLS = { ...SOCKET_CALLS, ...TRANSFER_CALLS, ...OPTION_CALLS, ...READINESS_CALLS } satisfies Readonly<Record<string, Call>>;

export type CallName = keyof typeof CALLS;
const isCall = (name: string): name is CallName => Object.hasOwn(CALLS, name);

/** Makes a system call; `back` hears how it ended, perhaps later. */
export function makeCall(call: CallAction, context: CallContext, back: Back): void {
  const { name } = call;
  if (!isCall(name)) throw new Miss('unsupported', `there is no system call ${name} here; there are ${Object.keys(CALLS).join(', ')}`);
  CALLS[name](call, context, back);
}
