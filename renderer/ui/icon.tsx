/** Line icons on a 16-unit grid, drawn in the text's colour. */
const PATHS = {
  play: 'M5 3.2v9.6l7.6-4.8z',
  pause: 'M5 3.5v9M11 3.5v9',
  stop: 'M4 4h8v8H4z',
  record: 'M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  step: 'M4 3.5v9l6-4.5zM12 3.5v9',
  stepBack: 'M12 3.5v9L6 8zM4 3.5v9',
  restart: 'M12.8 6.2A5 5 0 1 0 13 9.4M13 3v3.4H9.6',
  chevron: 'M4.5 6.5 8 10l3.5-3.5',
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  help: 'M6 6.2a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1v.5M8 11.9v.1M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z',
  layout: 'M2.5 3h11v10h-11zM2.5 6.5h11M8.5 6.5V13',
  open: 'M2 12.5v-9h4l1.3 1.6H14v7.4z',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1',
  moon: 'M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z',
  screen: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5',
  follow: 'M2.5 8h9M8 4.5 11.5 8 8 11.5M13.5 3v10',
  fit: 'M2.5 3v10M13.5 3v10M5 8h6M6.5 6 4.5 8l2 2M9.5 6l2 2-2 2',
  zoomIn: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14M7 5v4M5 7h4',
  zoomOut: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14M5 7h4',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.5 3v10',
  warn: 'M8 2.5 14.2 13H1.8zM8 6.5v3M8 11.3v.1',
  book: 'M8 4.2C6.5 3.2 4.5 3 2.5 3.2v9c2-.2 4 0 5.5 1 1.5-1 3.5-1.2 5.5-1v-9c-2-.2-4 0-5.5 1zM8 4.2v9',
  globe: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM1.8 8h12.4M8 1.8c2 1.8 3 3.9 3 6.2s-1 4.4-3 6.2c-2-1.8-3-3.9-3-6.2s1-4.4 3-6.2z',
  compare: 'M3.5 2.5v11M12.5 2.5v11M3.5 5l9 2.2M12.5 9l-9 2.2',
  up: 'M8 13V3.5M4 7l4-4 4 4',
  down: 'M8 3v9.5M4 9l4 4 4-4',
} as const;

export type IconName = keyof typeof PATHS;

const SOLID: ReadonlySet<IconName> = new Set(['play', 'stop', 'record']);

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} {...(SOLID.has(name) ? { fill: 'currentColor', stroke: 'none' } : {})} />
    </svg>
  );
}
