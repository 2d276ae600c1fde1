import type { DockviewApi } from 'dockview-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useText } from '../i18n/text.ts';
import type { Actions } from '../stores/actions.ts';
import { captureToShow, sessionsStore } from '../stores/sessions.ts';
import { settingsStore } from '../stores/settings.ts';
import { ActionsContext } from '../stores/use.ts';
import { Toolbar } from '../toolbar/toolbar.tsx';
import { useTheme } from '../ui/theme.ts';
import { Dock } from './dock.tsx';
import { applyPreset, type Preset, showPanel, togglePanel } from './layout.ts';
import { Legend } from './legend.tsx';
import { LinkBanner, Notices } from './notices.tsx';
import { openDroppedFiles } from './open-files.ts';
import { type PanelId, panelTitle } from './panels.ts';
import { useShortcuts } from './shortcuts.ts';
import { WindowContext } from './window-actions.ts';

/** The whole window: toolbar, what went wrong, the docked panels, and the legend on top when asked for. */
export function App({ actions }: { readonly actions: Actions }) {
  const theme = useTheme();
  const t = useText();
  const language = useStore(settingsStore, (s) => s.language);
  const [dock, setDock] = useState<DockviewApi>();
  const [legend, setLegend] = useState(false);
  const titleOf = (panel: PanelId): string => t(panelTitle(panel));

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.lang = language;
  }, [theme, language]);

  const windowActions = {
    isOpen: (panel: PanelId) => dock?.getPanel(panel) !== undefined,
    show: (panel: PanelId) => dock && showPanel(dock, panel, titleOf),
    toggle: (panel: PanelId) => dock && togglePanel(dock, panel, titleOf),
    preset: (preset: Preset) => dock && applyPreset(dock, preset, titleOf),
    toggleLegend: () => setLegend((shown) => !shown),
  };
  useShortcuts(actions, windowActions);

  // A capture that begins, or was named, is what the person wants to see, and the card that told how to begin one has done its work.
  const capture = useStore(sessionsStore, (s) => captureToShow(s)?.id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a capture that comes moves the panels
  useEffect(() => {
    if (capture && dock?.getPanel('start')?.api.isVisible) showPanel(dock, 'timeline', titleOf);
  }, [capture, dock]);

  return (
    <ActionsContext value={actions}>
      <WindowContext value={windowActions}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a second way to the button "Open capture" */}
        <div
          className="app"
          onDragOver={(event) => event.dataTransfer.types.includes('Files') && event.preventDefault()}
          onDrop={(event) => {
            if (event.dataTransfer.files.length === 0) return;
            event.preventDefault();
            void openDroppedFiles([...event.dataTransfer.files], actions, windowActions);
          }}
        >
          <Toolbar />
          <LinkBanner />
          <main className="workspace" aria-label={t('workspace')}>
            <Dock onReady={setDock} />
          </main>
          <Notices />
          {legend && <Legend onClose={() => setLegend(false)} />}
        </div>
      </WindowContext>
    </ActionsContext>
  );
}
