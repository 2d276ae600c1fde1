import { expect, test } from 'vitest';
import { en, type TextKey } from './en.ts';
import { translate } from './text.ts';
import { zh } from './zh.ts';

const holes = (text: string): readonly string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();

test('both languages leave the same holes to fill', () => {
  for (const key of Object.keys(en) as TextKey[]) expect(holes(zh[key]), key).toEqual(holes(en[key]));
});

test('values go into their holes', () => {
  expect(translate('en', 'connections.shown', { n: 3, total: '1,200' })).toBe('3 of 1,200');
  expect(translate('zh', 'tip.packet', { n: 3 })).toBe('第 3 个数据包');
});
