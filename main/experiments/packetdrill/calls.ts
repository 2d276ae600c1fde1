import type { Back, Call, CallContext } from './call.ts';
import { OPTION_CALLS } from './calls-options.ts';
import { READINESS_CALLS } from './calls-readiness.ts';
import { SOCKET_CALLS } from './calls-socket.ts';
import { TRANSFER_CALLS } from './calls-transfer.ts';
import type { CallAction } from './script.ts';
import { Miss } from './verdict.ts';

const CALLS: Readonly<Record<string, Call>> = { ...SOCKET_CALLS, ...TRANSFER_CALLS, ...OPTION_CALLS, ...READINESS_CALLS };

/** Makes a system call; `back` hears how it ended, perhaps later. */
export function makeCall(call: CallAction, context: CallContext, back: Back): void {
  if (!Object.hasOwn(CALLS, call.name))
    throw new Miss('unsupported', `there is no system call ${call.name} here; there are ${Object.keys(CALLS).join(', ')}`);
  CALLS[call.name]!(call, context, back);
}
