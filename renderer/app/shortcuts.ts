import { useEffect, useRef } from 'react';
import { focusFilter } from '../filter/focus.ts';
import type { TextKey } from '../i18n/text.ts';
import type { Actions } from '../stores/actions.ts';
import { engineStore } from '../stores/engine.ts';
import { runStore } from '../stores/run.ts';
import { moveCursor, selectionStore } from '../stores/selection.ts';
import type { WindowActions } from './window-actions.ts';

export interface Shortcut {
  /** As people press it; `Ctrl` is Command on a Mac. */
  readonly keys: string;
  readonly does: TextKey;
  readonly run: (actions: Actions, window: WindowActions) => void;
}

/** Is the run of the script what the window shows? Then the keys are for it, else for the engine that lives in the window. */
const showsRun = (): boolean => {
  const { session } = selectionStore.getState();
  return session !== undefined && session === runStore.getState().session;
};

function toggle(actions: Actions): void {
  if (!showsRun()) void actions.engine(engineStore.getState().view?.running ? 'pause' : 'play');
  else if (runStore.getState().position?.run === 'running') void actions.pauseRun();
  else void actions.continueRun();
}
const step = (actions: Actions): void => void (showsRun() ? actions.stepRun() : actions.engine('step'));
const back = (actions: Actions): void => {
  if (showsRun()) void actions.backRun();
};

/** One table for the handler and for the help that lists them. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: '?', does: 'shortcut.legend', run: (_, window) => window.toggleLegend() },
  { keys: 'Ctrl+/', does: 'shortcut.filter', run: focusFilter },
  { keys: 'Ctrl+E', does: 'shortcut.start', run: (actions) => void actions.startCapture() },
  { keys: 'Ctrl+Shift+E', does: 'shortcut.stop', run: (actions) => void actions.stopCapture() },
  { keys: 'Ctrl+Enter', does: 'shortcut.run', run: (actions) => void actions.runExperiment() },
  { keys: 'Ctrl+.', does: 'shortcut.stopRun', run: (actions) => void actions.stopExperiment() },
  { keys: 'F8', does: 'shortcut.engine', run: toggle },
  { keys: 'F10', does: 'shortcut.step', run: step },
  { keys: 'Shift+F10', does: 'shortcut.back', run: back },
  { keys: 'Alt+1', does: 'shortcut.watch', run: (_, window) => window.preset('watch') },
  { keys: 'Alt+2', does: 'shortcut.experiment', run: (_, window) => window.preset('experiment') },
  { keys: 'Alt+3', does: 'shortcut.lesson', run: (_, window) => window.preset('lesson') },
  { keys: 'Alt+4', does: 'shortcut.kernel', run: (_, window) => window.preset('kernel') },
  { keys: 'Escape', does: 'shortcut.now', run: () => moveCursor(undefined) },
];

/** The pressed combination in the table's spelling. */
export function spell(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'Ctrl+' : '',
    event.altKey ? 'Alt+' : '',
    event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key)) ? 'Shift+' : '',
  ];
  return modifiers.join('') + key;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function useShortcuts(actions: Actions, window: WindowActions): void {
  const latest = useRef({ actions, window });
  latest.current = { actions, window };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const shortcut = SHORTCUTS.find(({ keys }) => keys === spell(event));
      if (!shortcut || event.defaultPrevented) return;
      // A plain key belongs to the field it is typed into.
      if (isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey && !/^F\d/.test(event.key)) return;
      if (event.key !== 'Escape') {
        event.preventDefault();
        // The editor has its own idea of Ctrl+Enter.
        event.stopPropagation();
      }
      shortcut.run(latest.current.actions, latest.current.window);
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, []);
}
