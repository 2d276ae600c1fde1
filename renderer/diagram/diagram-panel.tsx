import { TCP_STATES, type TcpState } from '../../main/tcp-model/states.ts';
import type { StateSpan } from '../../preload/contract.ts';
import { useText } from '../i18n/text.ts';
import { lookOf } from '../state-colours.ts';
import { secondsSince } from '../stores/connections.ts';
import { selectPacket } from '../stores/selection.ts';
import { useConnectionTable, useSelectedConnection, useSelection } from '../stores/use.ts';
import { useTheme } from '../ui/theme.ts';
import { BOX, curveOf, EDGES, type Edge, edgeKey, NODE, PLACES } from './geometry.ts';
import { type Way, wayOf } from './path.ts';
import './diagram.css';

/** The eleven states; both ends' present ones lit, the way each has gone drawn thick. */
export function DiagramPanel() {
  const t = useText();
  const record = useSelectedConnection();
  const origin = useConnectionTable()?.origin;
  const cursor = useSelection((s) => s.cursor);
  const client = wayOf(record?.states.client ?? [], origin, cursor);
  const server = wayOf(record?.states.server ?? [], origin, cursor);
  const choose = (span: StateSpan): void => {
    if (record && origin) selectPacket(record.id, span.packet, secondsSince(origin, span.from));
  };
  const label = record
    ? t('diagram.label', { client: client.current?.state ?? '–', server: server.current?.state ?? '–' })
    : t('diagram.labelEmpty');

  return (
    <div className="diagram">
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={label}>
        <defs>
          {(['plain', 'client', 'server'] as const).map((kind) => (
            <marker
              key={kind}
              id={`head-${kind}`}
              viewBox="0 0 8 8"
              refX="6.5"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" className={`head-${kind}`} />
            </marker>
          ))}
        </defs>
        {EDGES.map((edge) => (
          <EdgeView key={edgeKey(edge.from, edge.to)} edge={edge} client={client} server={server} onChoose={choose} />
        ))}
        {TCP_STATES.map((state) => (
          <Node key={state} state={state} client={client.current?.state === state} server={server.current?.state === state} />
        ))}
      </svg>
      <p className="diagram-key">
        <span className="key-client">{t('side.client')}</span>
        <span className="key-server">{t('side.server')}</span>
        <span className="hint">{record ? t('diagram.hint') : t('diagram.empty')}</span>
      </p>
    </div>
  );
}

interface EdgeViewProps {
  readonly edge: Edge;
  readonly client: Way;
  readonly server: Way;
  readonly onChoose: (span: StateSpan) => void;
}

function EdgeView({ edge, client, server, onChoose }: EdgeViewProps) {
  const t = useText();
  const key = edgeKey(edge.from, edge.to);
  const taken = [
    ['client', client.taken.get(key)],
    ['server', server.taken.get(key)],
  ] as const;
  const used = taken.some(([, span]) => span);
  if (edge.rare && !used) return null;
  const { path, labelX, labelY } = curveOf(edge.from, edge.to);
  const triggers = [...new Set(edge.rows.map((row) => row.trigger))];
  const spans = taken.flatMap(([, span]) => (span ? [span] : []));
  const shown = spans.length > 0 ? [...new Set(spans.map((span) => span.trigger))] : triggers.slice(0, 1);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of state changes does the same for the keyboard
    <g className={`edge ${used ? 'edge-taken' : ''}`} onClick={() => spans[0] && onChoose(spans[0])}>
      <title>
        {edge.rows
          .map((row) => [t(`trigger.${row.trigger}`), row.condition, row.action, row.source].filter(Boolean).join(' · '))
          .join('\n')}
      </title>
      <path d={path} className="edge-plain" markerEnd={used ? undefined : 'url(#head-plain)'} />
      {taken.map(([side, span]) => span && <path key={side} d={path} className={`edge-${side}`} markerEnd={`url(#head-${side})`} />)}
      <text x={labelX} y={labelY} className="edge-label">
        {shown.map((trigger) => (trigger === 'start' ? '' : t(`trigger.short.${trigger}`))).join(' / ')}
      </text>
    </g>
  );
}

function Node({ state, client, server }: { readonly state: TcpState; readonly client: boolean; readonly server: boolean }) {
  const t = useText();
  const theme = useTheme();
  const { x, y } = PLACES[state];
  const { fill, ink } = lookOf(state);
  const lit = client || server;
  return (
    <g
      transform={`translate(${x - NODE.width / 2} ${y - NODE.height / 2})`}
      className={`node ${lit ? 'node-lit' : ''}`}
      data-state={state}
      data-lit={lit}
    >
      <rect width={NODE.width} height={NODE.height} rx={8} style={{ stroke: fill[theme], ...(lit ? { fill: fill[theme] } : {}) }} />
      <text x={NODE.width / 2} y={NODE.height / 2} style={lit ? { fill: ink[theme] } : {}}>
        {state}
      </text>
      {client && <Flag x={-9} letter={t('side.client').slice(0, 1)} side="client" />}
      {server && <Flag x={NODE.width + 9} letter={t('side.server').slice(0, 1)} side="server" />}
    </g>
  );
}

const Flag = ({ x, letter, side }: { readonly x: number; readonly letter: string; readonly side: 'client' | 'server' }) => (
  <g transform={`translate(${x} ${NODE.height / 2})`} className={`flag flag-${side}`}>
    <circle r={10} />
    <text>{letter}</text>
  </g>
);
