import { describe, expect, test } from 'vitest';
import { tell } from './compare.ts';
import { firstDifference } from './difference.ts';
import { CONVERSATION } from './testing/conversation.ts';

/** Up to the word that was read. */
const SCRIPT = CONVERSATION.split('\n').slice(0, 9).join('\n');

const ran = async (source: string, seed = 1) => {
  const experiment = { name: 'test', source, target: 'engine', seed } as const;
  return (await tell(experiment, { onEvent: () => undefined, onFrames: () => undefined })).told;
};

describe('two runs', () => {
  test('of the same script and seed are the same; of another seed too, where chance has no part in it', async () => {
    const first = await ran(SCRIPT);
    expect(first.length).toBeGreaterThan(20);
    expect(firstDifference(first, await ran(SCRIPT))).toBeUndefined();
    expect(firstDifference(first, await ran(SCRIPT, 99))).toBeUndefined();
  });

  test('part where one loses a segment', async () => {
    const lossy = SCRIPT.replace('await client.send', 'link.drop(({ length }) => length > 0 && now() < 0.1);\nawait client.send');
    const difference = firstDifference(await ran(SCRIPT), await ran(lossy));
    expect(difference?.first?.text).toBe('client: send(3, "hello", 5, 0) = 5');
    expect(difference?.second).toMatchObject({ text: "client's segment went no further: cable-intercepted", line: 9 });
  });

  test('part where one writes something else, or later', async () => {
    const other = firstDifference(await ran(SCRIPT), await ran(SCRIPT.replace("'hello'", "'goodbye'")));
    expect(other?.inWords).toMatch(
      /^The runs are alike in their first \d+ events\. Then, in the first: client calls send\(3, "hello", 5, 0\), at 0\.03 s \(line 8\)\. In the second: client calls send\(3, "goodbye", 7, 0\), at 0\.03 s \(line 8\)\.$/,
    );
    const later = firstDifference(await ran(SCRIPT), await ran(SCRIPT.replace('ms(10)', 'ms(11)')));
    expect(later?.inWords).toContain('Then the same happens at different times: server: LISTEN > SYN-RECEIVED');
    expect(later?.inWords).toContain('in the first at 0.01 s, in the second at 0.011 s.');
  });

  test('part where one is over', async () => {
    const shorter = SCRIPT.split('\n').slice(0, 4).join('\n');
    expect(firstDifference(await ran(SCRIPT), await ran(shorter))?.inWords).toContain('In the second: nothing more, it is over.');
    expect(firstDifference([], [])).toBeUndefined();
  });
});
