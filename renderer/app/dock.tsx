import { type DockviewApi, DockviewReact, type DockviewReadyEvent, type DockviewTheme, type IDockviewPanelProps } from 'dockview-react';
import { type FunctionComponent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { ConnectionsPanel } from '../connections/connections-panel.tsx';
import { ConsolePanel } from '../console/console-panel.tsx';
import { DiagramPanel } from '../diagram/diagram-panel.tsx';
import { FindingsPanel } from '../findings/findings-panel.tsx';
import { FollowPanel } from '../follow/follow-panel.tsx';
import { useText } from '../i18n/text.ts';
import { LadderPanel } from '../ladder/ladder-panel.tsx';
import { LessonsPanel } from '../lessons/lessons-panel.tsx';
import { PacketPanel } from '../packet/packet-panel.tsx';
import { StartPanel } from '../start/start-panel.tsx';
import { StateChangesPanel } from '../state-changes/state-changes-panel.tsx';
import { settingsStore } from '../stores/settings.ts';
import { TimelinePanel } from '../timeline/timeline-panel.tsx';
import { applyPreset, restoreLayout, saveLayout } from './layout.ts';
import { PANELS, type PanelId, panelTitle } from './panels.ts';

/** Monaco and recharts are heavy: they arrive after the first paint. */
const EditorPanel = lazy(() => import('../editor/editor-panel.tsx'));
const SocketsPanel = lazy(() => import('../kernel-sockets/sockets-panel.tsx'));
const QueuesPanel = lazy(() => import('../queues/queues-panel.tsx'));

const VIEWS: { readonly [P in PanelId]: FunctionComponent } = {
  start: StartPanel,
  connections: ConnectionsPanel,
  timeline: TimelinePanel,
  changes: StateChangesPanel,
  findings: FindingsPanel,
  ladder: LadderPanel,
  follow: FollowPanel,
  packet: PacketPanel,
  queues: QueuesPanel,
  sockets: SocketsPanel,
  diagram: DiagramPanel,
  editor: EditorPanel,
  console: ConsolePanel,
  lessons: LessonsPanel,
};

const components = Object.fromEntries(
  PANELS.map((panel): [PanelId, FunctionComponent<IDockviewPanelProps>] => [panel, ({ api }) => <PanelFrame panel={panel} api={api} />]),
);

/** Panels that cost nothing while hidden and would lose a person's place if they went; the others rest behind their tab. */
const KEPT: ReadonlySet<PanelId> = new Set(['timeline', 'editor', 'lessons']);

/** The landmark around a panel, so that people and tests find it by its name. */
function PanelFrame({ panel, api }: { readonly panel: PanelId; readonly api: IDockviewPanelProps['api'] }) {
  const t = useText();
  const [visible, setVisible] = useState(api.isVisible);
  useEffect(() => {
    setVisible(api.isVisible);
    const watch = api.onDidVisibilityChange((event) => setVisible(event.isVisible));
    return () => watch.dispose();
  }, [api]);
  const View = VIEWS[panel];
  return (
    <section className={`panel panel-${panel}`} aria-label={t(panelTitle(panel))}>
      {(visible || KEPT.has(panel)) && (
        <Suspense fallback={<p className="loading">{t('loading')}</p>}>
          <View />
        </Suspense>
      )}
    </section>
  );
}

const THEME: DockviewTheme = { name: 'workbench', className: 'dock-theme', gap: 6, dndTabIndicator: 'line' };

interface DockProps {
  readonly onReady: (api: DockviewApi) => void;
}

export function Dock({ onReady }: DockProps) {
  const t = useText();
  const language = useStore(settingsStore, (s) => s.language);
  const api = useRef<DockviewApi>(undefined);

  const ready = (event: DockviewReadyEvent): void => {
    api.current = event.api;
    if (!restoreLayout(event.api)) applyPreset(event.api, 'watch', (panel) => t(panelTitle(panel)), ['start']);
    event.api.onDidLayoutChange(() => saveLayout(event.api));
    onReady(event.api);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: titles are set again exactly when the language changes
  useEffect(() => {
    for (const panel of PANELS) api.current?.getPanel(panel)?.api.setTitle(t(panelTitle(panel)));
  }, [language]);

  return <DockviewReact className="dock" components={components} onReady={ready} theme={THEME} />;
}
