import type { GuestLibrary } from '../sandbox/sandbox.ts';
import channel from './guest/channel.ts?raw';
import check from './guest/check.ts?raw';
import constants from './guest/constants.ts?raw';
import inspect from './guest/inspect.ts?raw';
import library from './guest/library.ts?raw';
import network from './guest/network.ts?raw';
import octets from './guest/octets.ts?raw';
import process from './guest/process.ts?raw';
import types from './lab.d.ts?raw';
import values from './values.ts?raw';

/** What a script can use, for the editor's completion and checking: `lab.d.ts`, with the values as globals. */
export const LAB_TYPES: string = `${types}\n${values.replace(/^import .*$/gm, '').replace(/^export /gm, '')}`;

/** The lab API's own code, which runs inside the sandbox beside the script. */
export const LAB_LIBRARY: GuestLibrary = {
  entry: 'library.ts',
  modules: {
    'channel.ts': channel,
    'check.ts': check,
    'constants.ts': constants,
    'inspect.ts': inspect,
    'library.ts': library,
    'network.ts': network,
    'octets.ts': octets,
    'process.ts': process,
  },
};
