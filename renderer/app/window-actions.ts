import { createContext, useContext } from 'react';
import type { Preset } from './layout.ts';
import type { PanelId } from './panels.ts';

/** What a person does to the window itself, rather than to what it shows. */
export interface WindowActions {
  isOpen(panel: PanelId): boolean;
  show(panel: PanelId): void;
  toggle(panel: PanelId): void;
  preset(preset: Preset): void;
  toggleLegend(): void;
}

export const WindowContext = createContext<WindowActions | undefined>(undefined);

export function useWindow(): WindowActions {
  const actions = useContext(WindowContext);
  if (!actions) throw new Error('no window above this component');
  return actions;
}
