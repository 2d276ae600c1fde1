/** What the doors may use of the Workbench. */
export { isStreamName, STREAM_NAMES } from './broadcast.ts';
export { isRequestName } from './guards.ts';
export { Refusal, Workbench } from './workbench.ts';
