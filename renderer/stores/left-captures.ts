import { createStore } from 'zustand/vanilla';
import type { LeftCapture } from '../../preload/contract.ts';

/** Captures that were running when a Workbench ended without ending them, the latest first. */
export const leftCapturesStore = createStore<{ readonly left: readonly LeftCapture[] }>(() => ({ left: [] }));
