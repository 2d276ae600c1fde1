import { type KeyboardEvent, type PointerEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useCanvas } from '../draw/canvas.ts';
import { useText } from '../i18n/text.ts';
import { connectionsStore, secondsSince } from '../stores/connections.ts';
import { filterStore } from '../stores/filter.ts';
import { moveCursor, selectConnection, selectionStore, selectPacket } from '../stores/selection.ts';
import { sessionById, sessionsStore } from '../stores/sessions.ts';
import { useTheme } from '../ui/theme.ts';
import { nowOf } from './clock.ts';
import { AXIS, contentHeight, fitted, follow, pan, scrollTo, toTime, type View, visiblePairs, zoom } from './geometry.ts';
import { everyLane } from './lanes.ts';
import { paintTimeline } from './paint.ts';
import { hitAt, shownNow } from './shown.ts';
import type { Mode } from './timeline-panel.tsx';
import { type Hit, TimelineTip } from './timeline-tip.tsx';

export interface TimelineHandle {
  /** Above 1 shows more time. */
  zoom(factor: number): void;
}

interface TimelineCanvasProps {
  readonly mode: Mode;
  readonly onMode: (mode: Mode) => void;
  readonly ref: Ref<TimelineHandle>;
}

/** A session shorter than this is shown whole while it is followed. */
const FOLLOWED_SECONDS = 30;

const gutterFor = (width: number): number => (width > 700 ? 178 : width > 420 ? 136 : 0);

export function TimelineCanvas({ mode, onMode, ref }: TimelineCanvasProps) {
  const t = useText();
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const [hit, setHit] = useState<Hit>();
  /** What a gesture or a frame changes, kept out of React: nothing renders when it does. */
  const scene = useRef({
    view: { from: 0, secondsPerPixel: 0.01 } as View,
    scrollTop: 0,
    stuck: true,
    hovered: undefined as number | undefined,
    mode,
    /** The person chose the scale. */
    own: false,
  });
  if (scene.current.mode !== mode) {
    scene.current.mode = mode;
    scene.current.own = false;
  }

  const { redraw, size } = useCanvas(canvas, (context, area) => {
    const now = shownNow();
    if (!now) return;
    const s = scene.current;
    const gutter = gutterFor(area.width);
    const present = nowOf(now.session, now.table);
    const lanes = area.width - gutter;
    if (s.mode === 'fit' || (s.mode === 'follow' && !s.own && present < FOLLOWED_SECONDS))
      s.view = fitted(0, Math.max(present, 1e-6), lanes);
    else if (s.mode === 'follow') s.view = follow(s.own ? s.view : fitted(0, FOLLOWED_SECONDS, lanes), present, lanes);
    const most = Math.max(0, contentHeight(now.lanes.count) - (area.height - AXIS));
    s.scrollTop = s.stuck && s.mode === 'follow' ? most : Math.min(s.scrollTop, most);
    paintTimeline(context, area, {
      ...s,
      table: now.table,
      lanes: now.lanes,
      gutter,
      now: present,
      cursor: now.selection.cursor,
      selected: now.selection.connection,
      packet: now.selection.packet,
      theme,
    });
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme or mode is drawn at once
  useEffect(redraw, [theme, mode]);
  useEffect(() => connectionsStore.subscribe(redraw), [redraw]);
  useEffect(() => filterStore.subscribe(redraw), [redraw]);
  useEffect(
    () =>
      selectionStore.subscribe((now, before) => {
        if (now.session !== before.session) {
          scene.current.scrollTop = 0;
          scene.current.stuck = true;
        }
        const lane =
          now.connection === undefined || now.connection === before.connection ? -1 : (shownNow()?.lanes.indexOf(now.connection) ?? -1);
        if (lane >= 0) {
          const wanted = scrollTo(lane, scene.current.scrollTop, size().height - AXIS);
          if (wanted !== scene.current.scrollTop) scene.current.stuck = false;
          scene.current.scrollTop = wanted;
        }
        redraw();
      }),
    [redraw, size],
  );

  /** Time passes although nothing arrives: a running session is drawn again and again. */
  const session = useStore(selectionStore, (s) => s.session);
  const running = useStore(sessionsStore, () => sessionById(session)?.status.kind === 'running');
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(redraw, 50);
    return () => clearInterval(timer);
  }, [running, redraw]);

  const free = (view: View): void => {
    scene.current.view = view;
    if (scene.current.mode !== 'free') onMode('free');
    redraw();
  };
  const zoomBy = (factor: number, x?: number): void => {
    const width = size().width - gutterFor(size().width);
    const closer = zoom(scene.current.view, factor, x ?? width / 2);
    if (scene.current.mode !== 'follow') {
      free(closer);
      return;
    }
    // The present stays in sight: only the scale changes.
    scene.current.own = true;
    scene.current.view = closer;
    redraw();
  };
  const scrollBy = (pixels: number): void => {
    const s = scene.current;
    const most = Math.max(0, contentHeight(shownNow()?.lanes.count ?? 0) - (size().height - AXIS));
    s.scrollTop = Math.min(most, Math.max(0, s.scrollTop + pixels));
    s.stuck = s.scrollTop >= most - 1;
    redraw();
  };
  useImperativeHandle(ref, () => ({ zoom: (factor: number) => zoomBy(factor) }));

  // React attaches wheel listeners passively, and the page must not scroll or zoom under the gesture.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the handler reads everything through refs
  useEffect(() => {
    const element = canvas.current;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const lanes = contentHeight(shownNow()?.lanes.count ?? 0) > size().height - AXIS;
      const x = event.offsetX - gutterFor(size().width);
      if (event.ctrlKey || event.altKey || (!lanes && !event.shiftKey && event.deltaX === 0)) zoomBy(Math.exp(event.deltaY * 0.002), x);
      else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
        free(pan(scene.current.view, event.deltaX || event.deltaY));
      else scrollBy(event.deltaY);
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  const find = (x: number, y: number): Hit | undefined => hitAt(x, y, scene.current, gutterFor(size().width));

  const drag = useRef<{ readonly kind: 'cursor' | 'pan'; x: number; y: number; moved: boolean }>(undefined);
  const cursorAt = (x: number): void => moveCursor(Math.max(0, toTime(scene.current.view, x - gutterFor(size().width))));

  const down = (event: PointerEvent): void => {
    const { offsetX: x, offsetY: y } = event.nativeEvent;
    event.currentTarget.setPointerCapture(event.pointerId);
    const kind = y < AXIS || event.shiftKey ? 'cursor' : 'pan';
    drag.current = { kind, x, y, moved: false };
    if (kind === 'cursor') cursorAt(x);
  };
  const move = (event: PointerEvent): void => {
    const { offsetX: x, offsetY: y } = event.nativeEvent;
    const dragged = drag.current;
    if (!dragged) {
      hover(x, y);
      return;
    }
    if (Math.abs(x - dragged.x) + Math.abs(y - dragged.y) > 3) dragged.moved = true;
    if (dragged.kind === 'cursor') cursorAt(x);
    else if (dragged.moved) {
      if (x !== dragged.x) free(pan(scene.current.view, dragged.x - x));
      scrollBy(dragged.y - y);
      dragged.x = x;
      dragged.y = y;
    }
  };
  const up = (event: PointerEvent): void => {
    const { offsetX: x, offsetY: y } = event.nativeEvent;
    const dragged = drag.current;
    drag.current = undefined;
    if (!dragged || dragged.moved || dragged.kind === 'cursor') return;
    const found = find(x, y);
    if (!found) return;
    if (found.event) selectPacket(found.record.id, found.event.packet, secondsSince(found.origin, found.event.at));
    else selectConnection(found.record.id);
  };
  const hover = (x: number, y: number): void => {
    const found = find(x, y);
    scene.current.hovered = found?.record.id;
    setHit((old) => (old?.span === found?.span && old?.event === found?.event ? old : found));
    const box = tip.current;
    if (box) {
      box.style.left = `${Math.min(x + 14, Math.max(0, size().width - box.offsetWidth - 8))}px`;
      box.style.top = `${y + 18 + box.offsetHeight > size().height ? Math.max(0, y - box.offsetHeight - 10) : y + 18}px`;
    }
    redraw();
  };

  const onKey = (event: KeyboardEvent): void => {
    const action = actionOn(event.key);
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };
  const actionOn = (key: string): (() => void) | undefined => {
    const now = shownNow();
    const lanes = now?.lanes ?? everyLane(0);
    const count = lanes.count;
    const chosen = now?.selection.connection === undefined ? -1 : lanes.indexOf(now.selection.connection);
    const select = (lane: number): void => {
      const id = lanes.idAt(Math.min(count - 1, Math.max(0, lane)));
      if (id !== undefined) selectConnection(id);
    };
    const step = (by: number) => () => select((chosen < 0 && by < 0 ? count : chosen) + by);
    const page = Math.max(1, visiblePairs(0, size().height - AXIS, count).last);
    switch (key) {
      case 'ArrowLeft':
        return () => free(pan(scene.current.view, -80));
      case 'ArrowRight':
        return () => free(pan(scene.current.view, 80));
      case 'ArrowUp':
        return step(-1);
      case 'ArrowDown':
        return step(1);
      case 'PageUp':
        return step(-page);
      case 'PageDown':
        return step(page);
      case 'Home':
        return () => select(0);
      case 'End':
        return () => select(count - 1);
      case '+':
      case '=':
        return () => zoomBy(0.5);
      case '-':
        return () => zoomBy(2);
      case '0':
        return () => onMode('fit');
      case 'f':
        return () => onMode('follow');
      case '[':
        return () => toChange(-1);
      case ']':
        return () => toChange(1);
      default:
        return undefined;
    }
  };
  /** Moves the cursor to the previous or next change of state of the selected connection. */
  const toChange = (by: -1 | 1): void => {
    const now = shownNow();
    const record = now?.selection.connection === undefined ? undefined : now.table.records[now.selection.connection];
    if (!now?.table.origin || !record) return;
    const { origin } = now.table;
    const here = now.selection.cursor ?? Number.POSITIVE_INFINITY;
    const changes = [...record.states.client, ...record.states.server]
      .map((span) => ({ span, at: secondsSince(origin, span.from) }))
      .filter(({ at }) => (by < 0 ? at < here - 1e-9 : at > here + 1e-9))
      .sort((a, b) => by * (a.at - b.at));
    const next = changes[0];
    if (next) selectPacket(record.id, next.span.packet, next.at);
  };

  return (
    <div className="timeline-area">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={t('timeline.label')}
        onKeyDown={onKey}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerLeave={() => {
          scene.current.hovered = undefined;
          setHit(undefined);
          redraw();
        }}
      />
      <div ref={tip} className="tip" hidden={!hit?.span} aria-hidden="true">
        {hit && <TimelineTip hit={hit} />}
      </div>
    </div>
  );
}
