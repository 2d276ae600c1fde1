import { be16 } from './memory.ts';
import { timestamps } from './segment.ts';

// What the options of the SYN at hand say; of other segments they say nothing.
export let mss: i32 = 0;
/** -1 when absent. */
export let windowScale: i32 = -1;
export let sackPermitted: bool = false;

const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const TIMESTAMPS = 8;

/** Reads the options in [start, end). False where there is one that the rules have to look at. */
export function readOptions(start: i32, end: i32): bool {
  clearOptions();
  let option = start;
  while (option < end) {
    const code: i32 = load<u8>(option);
    if (code === END) return true;
    if (code === NOP) {
      option++;
      continue;
    }
    const size: i32 = option + 1 < end ? load<u8>(option + 1) : 0;
    if (size < 2 || option + size > end) return false;
    if (code === MSS && size === 4) mss = be16(option + 2);
    else if (code === WINDOW_SCALE && size === 3) windowScale = load<u8>(option + 2);
    else if (code === SACK_PERMITTED && size === 2) sackPermitted = true;
    else if (code === TIMESTAMPS && size === 10) timestamps(option + 2);
    else return false;
    option += size;
  }
  return true;
}

export function clearOptions(): void {
  mss = 0;
  windowScale = -1;
  sackPermitted = false;
}
