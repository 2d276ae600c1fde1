import type { ConnectionEvent } from '../preload/contract.ts';

/** Which end of a connection. */
export type Side = ConnectionEvent['from'];
