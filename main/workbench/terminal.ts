/** What the terminal door uses of the Workbench beyond the contract: whole captures at once, and text. */

export { dropPrivileges } from '../kernel/privileges.ts';
export { interfaces as listInterfaces } from './interfaces.ts';
export { captureLive, type Watch } from './live-capture.ts';
export { version } from './places.ts';
export { type Analysed, analyzeFile, textOf } from './saved.ts';
export { compareSeeds, runScript } from './script.ts';
export { TunHost, type TunSummary } from './tun/tun-host.ts';
