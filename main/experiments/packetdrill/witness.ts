import type { Packet } from '../../engine/network/packet.ts';
import type { Tcb } from '../../engine/tcp/tcb.ts';
import type { Outcome } from './call.ts';
import type { CallAction, ScriptEvent } from './script.ts';

/** Sees a script's run as it happens. Whatever it throws ends the run. */
export interface Witness {
  /** The engine does its next thing. */
  steps(): void;
  /** A line has come to its turn; `act` does what the line itself sets off. */
  acts(event: ScriptEvent, act: () => void): void;
  /** What a line expected has happened. */
  held(event: ScriptEvent): void;
  /** A packet goes to the host, or comes from it. */
  carries(packet: Packet, direction: 'in' | 'out'): void;
  /** The program makes a call on that connection. */
  calls(call: CallAction, tcb: Tcb): void;
  returned(call: CallAction, outcome: Outcome): void;
}

/** Where nobody looks. */
export const NOBODY: Witness = {
  steps: () => {},
  acts: (_event, act) => act(),
  held: () => {},
  carries: () => {},
  calls: () => {},
  returned: () => {},
};
