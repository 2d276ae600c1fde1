import { type RefObject, useEffect, useRef } from 'react';

/** Size in CSS pixels; the drawing context is already scaled to the device's pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Keeps a canvas as large as its box and as sharp as the screen. `draw` runs once before the next paint after
 * `redraw()` was called, and whenever the box changes.
 */
export function useCanvas(
  canvas: RefObject<HTMLCanvasElement | null>,
  draw: (context: CanvasRenderingContext2D, size: Size) => void,
): { readonly redraw: () => void; readonly size: () => Size } {
  const latest = useRef(draw);
  latest.current = draw;
  const state = useRef({ width: 0, height: 0, asked: 0 });

  const redraw = useRef(() => {
    if (state.current.asked) return;
    state.current.asked = requestAnimationFrame(() => {
      state.current.asked = 0;
      const element = canvas.current;
      const context = element?.getContext('2d', { alpha: false });
      if (!element || !context) return;
      const { width, height } = state.current;
      const scale = window.devicePixelRatio || 1;
      const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
      if (element.width !== w || element.height !== h) {
        element.width = w;
        element.height = h;
      }
      if (w === 0 || h === 0) return;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      latest.current(context, { width, height });
    });
  }).current;

  useEffect(() => {
    const box = canvas.current?.parentElement;
    if (!box) return;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      state.current.width = entry.contentRect.width;
      state.current.height = entry.contentRect.height;
      redraw();
    });
    observer.observe(box);
    const { current } = state;
    return () => {
      observer.disconnect();
      cancelAnimationFrame(current.asked);
      current.asked = 0;
    };
  }, [canvas, redraw]);

  return { redraw, size: () => state.current };
}
