import type { DockviewApi } from 'dockview-react';
import { recall, remember } from '../stores/settings.ts';
import { PANELS, type PanelId } from './panels.ts';

/** Ready-made arrangements for the things people come for. */
export const PRESETS = ['watch', 'experiment', 'lesson', 'kernel'] as const;
export type Preset = (typeof PRESETS)[number];

type Where = 'right' | 'below' | 'within';

interface Placement {
  readonly panel: PanelId;
  readonly beside?: PanelId;
  readonly where?: Where;
  /** The share of the window, in width when placed right and in height when placed below. */
  readonly share?: number;
}

const PLACEMENTS: { readonly [P in Preset]: readonly Placement[] } = {
  watch: [
    { panel: 'start' },
    { panel: 'timeline', beside: 'start', where: 'within' },
    { panel: 'ladder', beside: 'timeline', where: 'below', share: 0.46 },
    { panel: 'follow', beside: 'ladder', where: 'within' },
    { panel: 'packet', beside: 'ladder', where: 'within' },
    { panel: 'queues', beside: 'ladder', where: 'right', share: 0.5 },
    { panel: 'connections', beside: 'timeline', where: 'within' },
    { panel: 'sockets', beside: 'timeline', where: 'within' },
    { panel: 'diagram', beside: 'queues', where: 'within' },
    { panel: 'changes', beside: 'queues', where: 'within' },
    { panel: 'findings', beside: 'queues', where: 'within' },
  ],
  experiment: [
    { panel: 'editor' },
    { panel: 'timeline', beside: 'editor', where: 'right', share: 0.52 },
    { panel: 'console', beside: 'editor', where: 'below', share: 0.36 },
    { panel: 'ladder', beside: 'timeline', where: 'below', share: 0.6 },
    { panel: 'connections', beside: 'timeline', where: 'within' },
    { panel: 'queues', beside: 'ladder', where: 'within' },
    { panel: 'changes', beside: 'ladder', where: 'within' },
    { panel: 'findings', beside: 'ladder', where: 'within' },
    { panel: 'follow', beside: 'ladder', where: 'within' },
    { panel: 'packet', beside: 'ladder', where: 'within' },
    { panel: 'diagram', beside: 'ladder', where: 'within' },
  ],
  lesson: [
    { panel: 'lessons' },
    { panel: 'ladder', beside: 'lessons', where: 'right', share: 0.6 },
    { panel: 'console', beside: 'lessons', where: 'below', share: 0.32 },
    { panel: 'diagram', beside: 'ladder', where: 'below', share: 0.5 },
    { panel: 'editor', beside: 'ladder', where: 'within' },
    { panel: 'timeline', beside: 'diagram', where: 'within' },
    { panel: 'changes', beside: 'diagram', where: 'within' },
    { panel: 'findings', beside: 'diagram', where: 'within' },
    { panel: 'queues', beside: 'diagram', where: 'within' },
  ],
  kernel: [
    { panel: 'sockets' },
    { panel: 'connections', beside: 'sockets', where: 'within' },
    { panel: 'ladder', beside: 'sockets', where: 'below', share: 0.46 },
    { panel: 'queues', beside: 'ladder', where: 'right', share: 0.5 },
    { panel: 'timeline', beside: 'ladder', where: 'within' },
    { panel: 'changes', beside: 'queues', where: 'within' },
    { panel: 'findings', beside: 'queues', where: 'within' },
  ],
};

/** The panels in front when a preset opens. */
const FRONT: { readonly [P in Preset]: readonly PanelId[] } = {
  watch: ['queues', 'ladder', 'timeline'],
  experiment: ['timeline', 'ladder', 'editor'],
  lesson: ['ladder', 'diagram', 'lessons'],
  kernel: ['queues', 'ladder', 'sockets'],
};

export type TitleOf = (panel: PanelId) => string;

export function applyPreset(api: DockviewApi, preset: Preset, titleOf: TitleOf, front: readonly PanelId[] = []): void {
  api.clear();
  for (const { panel, beside, where, share } of PLACEMENTS[preset]) {
    api.addPanel({
      id: panel,
      component: panel,
      title: titleOf(panel),
      minimumWidth: 160,
      minimumHeight: 90,
      ...(beside && where ? { position: { referencePanel: beside, direction: where } } : {}),
      ...(where === 'right' && share ? { initialWidth: Math.round(api.width * share) } : {}),
      ...(where === 'below' && share ? { initialHeight: Math.round(api.height * share) } : {}),
    });
  }
  for (const panel of [...FRONT[preset], ...front]) api.getPanel(panel)?.api.setActive();
}

/** Brings a panel to the front, into the group in use when it was closed. */
export function showPanel(api: DockviewApi, panel: PanelId, titleOf: TitleOf): void {
  const open =
    api.getPanel(panel) ?? api.addPanel({ id: panel, component: panel, title: titleOf(panel), minimumWidth: 160, minimumHeight: 90 });
  open.api.setActive();
}

export function togglePanel(api: DockviewApi, panel: PanelId, titleOf: TitleOf): void {
  const open = api.getPanel(panel);
  if (open) open.api.close();
  else showPanel(api, panel, titleOf);
}

/** Bumped when panels are renamed or added, so that an old layout does not hide them. */
const KEY = 'tcp-workbench.layout.3';

export const saveLayout = (api: DockviewApi): void => remember(KEY, api.toJSON());

/** Restores the layout of the last visit; false when there is none, or it names panels that no longer exist. */
export function restoreLayout(api: DockviewApi): boolean {
  const saved = recall(KEY) as { readonly panels?: Readonly<Record<string, unknown>> } | undefined;
  const names = Object.keys(saved?.panels ?? {});
  if (!saved || names.length === 0 || names.some((name) => !PANELS.includes(name as PanelId))) return false;
  try {
    api.fromJSON(saved as Parameters<DockviewApi['fromJSON']>[0]);
    return true;
  } catch {
    return false;
  }
}
