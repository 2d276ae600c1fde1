import type { TcpState } from '../main/tcp-model/states.ts';

export type Theme = 'dark' | 'light';
export type ShownState = TcpState | 'UNKNOWN';

/**
 * What fills a lane beside its colour, so that states can be told apart without hue. Diagonal hatching is not among
 * them: it is kept for claims that are assumed rather than seen.
 */
export type Pattern =
  | 'hollow'
  | 'solid'
  | 'dots'
  | 'chevrons-right'
  | 'chevrons-left'
  | 'bars'
  | 'bar-pairs'
  | 'lines'
  | 'dashes'
  | 'grid'
  | 'checks'
  | 'question';

export interface StateLook {
  /** The fill in each theme: at least 3:1 against the panels behind it. */
  readonly fill: { readonly [T in Theme]: string };
  /** What is written on the fill: at least 4.5:1. */
  readonly ink: { readonly [T in Theme]: string };
  readonly pattern: Pattern;
  /** As people write it where room is short. */
  readonly short: string;
}

const BLACK = '#0b0f14';
const WHITE = '#ffffff';

const look = (dark: string, light: string, pattern: Pattern, short: string, lightInk: string = WHITE): StateLook => ({
  fill: { dark, light },
  ink: { dark: BLACK, light: lightInk },
  pattern,
  short,
});

/**
 * The eleven states' looks, defined here and nowhere else: badge, lane, ladder and diagram read them. Opening states are
 * warm, the open one green, the closer's side blue, the other side's pink and red, the waiting ends pale.
 */
export const STATE_LOOKS: { readonly [S in ShownState]: StateLook } = {
  CLOSED: look('#8793a3', '#64707f', 'hollow', 'CL'),
  LISTEN: look('#b9c6e4', '#66628f', 'dots', 'LI'),
  'SYN-SENT': look('#ffd54a', '#8a6500', 'chevrons-right', 'SS'),
  'SYN-RECEIVED': look('#ff9f45', '#b04a00', 'chevrons-left', 'SR'),
  ESTABLISHED: look('#3ecf8e', '#10794c', 'solid', 'ES'),
  'FIN-WAIT-1': look('#5cc8ff', '#0b75b5', 'bars', 'F1'),
  'FIN-WAIT-2': look('#6f97ff', '#2f51d0', 'bar-pairs', 'F2'),
  'CLOSE-WAIT': look('#ff86c0', '#c01672', 'lines', 'CW'),
  CLOSING: look('#b57bff', '#7c35c9', 'grid', 'CG'),
  'LAST-ACK': look('#ff7468', '#c4281c', 'dashes', 'LA'),
  'TIME-WAIT': look('#9be4dd', '#0e7a78', 'checks', 'TW'),
  UNKNOWN: look('#a7a39b', '#77716a', 'question', '?'),
};

export const lookOf = (state: ShownState): StateLook => STATE_LOOKS[state];

/** The surface that lanes, badges and the diagram stand on; the style sheet uses the same values. */
export const SURFACE: { readonly [T in Theme]: string } = { dark: '#12171e', light: '#ffffff' };
