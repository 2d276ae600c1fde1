import { expect, test } from 'vitest';
import { SHORTCUTS, spell } from './shortcuts.ts';

const press = (key: string, ...held: readonly ('ctrl' | 'meta' | 'shift' | 'alt')[]): string =>
  spell({
    key,
    ctrlKey: held.includes('ctrl'),
    metaKey: held.includes('meta'),
    shiftKey: held.includes('shift'),
    altKey: held.includes('alt'),
  });

test('keys are spelled as the legend lists them, with Command for Ctrl', () => {
  expect(press('e', 'ctrl')).toBe('Ctrl+E');
  expect(press('E', 'meta', 'shift')).toBe('Ctrl+Shift+E');
  expect(press('?', 'shift')).toBe('?');
  expect(press('F8')).toBe('F8');
  expect(press('1', 'alt')).toBe('Alt+1');
});

test('no two shortcuts share their keys', () => {
  expect(new Set(SHORTCUTS.map(({ keys }) => keys)).size).toBe(SHORTCUTS.length);
});
