import { createStore } from 'zustand/vanilla';
import type { Theme } from '../state-colours.ts';

export type ThemeChoice = Theme | 'system';
export type Language = 'en' | 'zh';

export interface Settings {
  readonly theme: ThemeChoice;
  readonly language: Language;
}

const KEY = 'tcp-workbench.settings';

/** What the browser lets us remember with; absent in tests and where storage is forbidden. */
const storage = (): Storage | undefined => {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
};

export function remember(key: string, value: unknown): void {
  try {
    storage()?.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the memory of the next visit, nothing else.
  }
}

/** What `remember` put there, unchecked; undefined when absent or damaged. */
export function recall(key: string): unknown {
  try {
    return JSON.parse(storage()?.getItem(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

export function readSettings(raw: unknown, languages: readonly string[]): Settings {
  const { theme, language } = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  return {
    theme: theme === 'dark' || theme === 'light' ? theme : 'system',
    language: language === 'en' || language === 'zh' ? language : languages[0]?.toLowerCase().startsWith('zh') ? 'zh' : 'en',
  };
}

export const settingsStore = createStore<Settings>(() => readSettings(recall(KEY), globalThis.navigator?.languages ?? []));
settingsStore.subscribe((settings) => remember(KEY, settings));

export const setTheme = (theme: ThemeChoice): void => settingsStore.setState({ theme });
export const setLanguage = (language: Language): void => settingsStore.setState({ language });
