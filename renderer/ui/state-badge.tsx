import { useEffect, useRef } from 'react';
import type { Certainty } from '../../preload/contract.ts';
import { hatching, stateFill } from '../draw/state-fill.ts';
import { lookOf, type ShownState, SURFACE } from '../state-colours.ts';
import { useTheme } from './theme.ts';

interface StateBadgeProps {
  readonly state: ShownState;
  readonly certainty?: Certainty;
  /** The two-letter form, where room is short. */
  readonly short?: boolean;
}

/** A state's name on its colour. A claim that is not seen has a dashed border, as its lane is hatched. */
export function StateBadge({ state, certainty = 'seen', short = false }: StateBadgeProps) {
  const theme = useTheme();
  const { fill, ink, short: label } = lookOf(state);
  const seen = certainty === 'seen';
  return (
    <span
      className={`badge ${seen ? '' : 'badge-assumed'}`}
      style={seen ? { background: fill[theme], color: ink[theme] } : { borderColor: fill[theme], color: 'var(--text)' }}
      title={seen ? state : `${state} (${certainty})`}
    >
      {short ? label : state}
    </span>
  );
}

/** A stretch of lane as the timeline draws it, for the legend. */
export function StateSwatch({ state, assumed = false }: { readonly state: ShownState; readonly assumed?: boolean }) {
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context) return;
    const scale = window.devicePixelRatio || 1;
    canvas.current.width = 40 * scale;
    canvas.current.height = 14 * scale;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    paintSpan(context, state, theme, 0, 0, 40, 14);
    if (assumed) {
      context.fillStyle = hatching(context, SURFACE[theme]);
      context.fillRect(0, 0, 40, 14);
    }
  }, [state, theme, assumed]);
  return (
    <span aria-hidden="true" className="swatch">
      <canvas ref={canvas} className="swatch" />
    </span>
  );
}

/** One span of a lane. CLOSED is an outline: there is no connection to fill it with. */
export function paintSpan(
  context: CanvasRenderingContext2D,
  state: ShownState,
  theme: 'dark' | 'light',
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  if (state === 'CLOSED') {
    context.fillStyle = lookOf(state).fill[theme];
    context.fillRect(x, y + height / 2 - 0.5, width, 1);
    return;
  }
  context.fillStyle = stateFill(context, state, theme);
  context.fillRect(x, y, width, height);
}
