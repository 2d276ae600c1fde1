import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, parseInline, parseMarkdown } from './markdown.ts';

const text = (value: string) => ({ kind: 'text', text: value });

test('a lesson: headings, paragraphs over several lines, lists, code and a table', () => {
  const blocks = parseMarkdown(
    [
      '# Handshake',
      '',
      'Three segments,',
      'no more.',
      '',
      '- SYN',
      '- SYN,ACK',
      '  comes back',
      '',
      '1. first',
      '2. second',
      '',
      '```',
      'a  b',
      '```',
      '',
      '| a | b |',
      '| - | - |',
      '| 1 | 2 |',
    ].join('\n'),
  );
  expect(blocks).toEqual([
    { kind: 'heading', level: 1, inline: [text('Handshake')] },
    { kind: 'paragraph', inline: [text('Three segments, no more.')] },
    { kind: 'list', ordered: false, items: [[text('SYN')], [text('SYN,ACK comes back')]] },
    { kind: 'list', ordered: true, items: [[text('first')], [text('second')]] },
    { kind: 'code', language: '', text: 'a  b' },
    {
      kind: 'table',
      rows: [
        [[text('a')], [text('b')]],
        [[text('1')], [text('2')]],
      ],
    },
  ]);
});

test('code, emphasis and https links within a line; other links stay text', () => {
  expect(parseInline('`seq=J` is **random** (*RFC 6528*), see [it](https://www.rfc-editor.org/rfc/rfc6528)')).toEqual([
    { kind: 'code', text: 'seq=J' },
    text(' is '),
    { kind: 'strong', text: 'random' },
    text(' ('),
    { kind: 'em', text: 'RFC 6528' },
    text('), see '),
    { kind: 'link', text: 'it', href: 'https://www.rfc-editor.org/rfc/rfc6528' },
  ]);
  expect(parseInline('[x](javascript:alert(1))')).toEqual([text('[x](javascript:alert(1))')]);
});

test('markup of the page is only text', () => {
  expect(parseMarkdown('<script>alert(1)</script>')).toEqual([{ kind: 'paragraph', inline: [text('<script>alert(1)</script>')] }]);
});

test('any text at all is read to its end', () => {
  const size = (blocks: readonly Block[]): number => blocks.length;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('# ', '- ', '1. ', '```', '|', '> ', 'a', '\n', '**', '`', ' ')),
      (parts) => size(parseMarkdown(parts.join(''))) >= 0,
    ),
  );
});
