/** Colours that are not states', by theme; the style sheet's tokens of the same names. */
export const INKS = {
  dark: {
    text: '#e7ecf2',
    muted: '#a3afbd',
    line: '#222b36',
    raised: '#171d25',
    accent: '#59a8ff',
    soft: '#1d2a3a',
    good: '#3ecf8e',
    bad: '#ff7b70',
    warn: '#ffb95e',
  },
  light: {
    text: '#16202c',
    muted: '#4b5969',
    line: '#e3e8ee',
    raised: '#f3f6f9',
    accent: '#0a62cc',
    soft: '#e3eefb',
    good: '#0d7347',
    bad: '#bf2318',
    warn: '#8a5200',
  },
} as const;
