/** What the terminal door uses of the Workbench beyond the contract: whole captures at once, and text. */

export type { Selection } from '../analysis/filter/selection.ts';
export type { Said } from '../analysis/follow/follow.ts';
export { hexDump, readable } from '../analysis/follow/readable.ts';
export { fileError } from '../capture/capture-error.ts';
export { dropPrivileges } from '../kernel/privileges.ts';
export { type AlignedFiles, alignFiles } from './aligned.ts';
export { annotate } from './annotate.ts';
export { filterOf, followFile, select } from './filtered.ts';
export { type Grade, grade } from './grading/grade.ts';
export { refuseOverwriting, refuseStream } from './input-file.ts';
export { interfaces as listInterfaces } from './interfaces.ts';
export type { KnownDrops } from './live.ts';
export { captureLive, fromGrowing, fromInterface, type Watch } from './live-capture.ts';
export { ROOT, version } from './places.ts';
export { type Analysed, type Answers, analyzeFile, textOf } from './saved.ts';
export { compareSeeds, runScript, scriptsAmong } from './script.ts';
export { kernelSockets } from './sockets/kernel-sockets.ts';
export { STATE_GROUPS, statesNamed } from './sockets/socket-states.ts';
export { TunHost, type TunSummary } from './tun/tun-host.ts';
