import type { TextKey } from '../i18n/text.ts';

/** Every panel of the window, in the order of the View menu. */
export const PANELS = [
  'start',
  'connections',
  'timeline',
  'changes',
  'findings',
  'ladder',
  'follow',
  'packet',
  'queues',
  'sockets',
  'diagram',
  'editor',
  'console',
  'lessons',
] as const;
export type PanelId = (typeof PANELS)[number];

export const panelTitle = (panel: PanelId): TextKey => `panel.${panel}`;
