import { useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Theme } from '../state-colours.ts';
import { settingsStore } from '../stores/settings.ts';

const dark = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: dark)');

function onSystemChange(listener: () => void): () => void {
  const query = dark();
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** The theme in force: the person's choice, or the system's. */
export function useTheme(): Theme {
  const choice = useStore(settingsStore, (s) => s.theme);
  const system: Theme = useSyncExternalStore(onSystemChange, () => dark().matches) ? 'dark' : 'light';
  return choice === 'system' ? system : choice;
}
