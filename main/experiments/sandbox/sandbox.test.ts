import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import { Sandbox, type Turn } from './sandbox.ts';

const LIBRARY = {
  entry: 'library.ts',
  modules: {
    'library.ts': `
      let waiting: ((text: string) => void)[] = [];
      export function install(host: (text: string) => string) {
        (globalThis as any).say = (text: string) => host(text);
        (globalThis as any).answer = () => new Promise<string>((resolve) => waiting.push(resolve));
        return (text: string) => { const all = waiting; waiting = []; for (const tell of all) tell(text); return 'told ' + all.length; };
      }`,
  },
};

interface Trial {
  readonly turn: Turn;
  readonly said: readonly string[];
  readonly sandbox: Sandbox;
}

async function trial(source: string, options: { stop?: { aborted: boolean }; host?: (text: string) => string } = {}): Promise<Trial> {
  const said: string[] = [];
  const sandbox = await Sandbox.create({
    limits: { ...DEFAULT_LIMITS, pollsPerTurn: 1500 },
    stop: options.stop ?? { aborted: false },
    wallClock: () => performance.now(),
    library: LIBRARY,
    host: (text) => {
      said.push(text);
      return options.host?.(text) ?? `heard ${text}`;
    },
  });
  return { turn: sandbox.start(source), said, sandbox };
}

const failure = async (source: string) => {
  const { turn } = await trial(source);
  if (turn.state !== 'failed') throw new Error(`the script ${turn.state}`);
  return turn.error;
};

describe('a script in the sandbox', () => {
  test('is a TypeScript module that may await at its top level', async () => {
    const { turn, said } = await trial(`
      interface Greeting { text: string }
      const greeting: Greeting = { text: 'hello' };
      await 0;
      say(say(greeting.text) as string);`);
    expect(turn).toEqual({ state: 'finished' });
    expect(said).toEqual(['hello', 'heard hello']);
  });

  test('waits until it is answered, and goes on', async () => {
    const { turn, said, sandbox } = await trial(`say('before'); say(await answer());`);
    expect(turn).toEqual({ state: 'waiting' });
    expect(said).toEqual(['before']);
    expect(sandbox.resume('after')).toEqual({ state: 'finished' });
    expect(said).toEqual(['before', 'after']);
  });

  test('can be asked something while it is on the stack', async () => {
    let inner: unknown;
    const holder: { sandbox?: Sandbox } = {};
    const made = await trial(`await answer(); say('now')`, {
      host: () => {
        inner = holder.sandbox!.ask('who waits?');
        return '';
      },
    });
    holder.sandbox = made.sandbox;
    expect(made.sandbox.resume('go')).toEqual({ state: 'finished' });
    expect(inner).toEqual({ ok: true, value: 'told 0' });
  });
});

describe('errors carry the place in the script as it was written', () => {
  test('a type that is not one', async () => {
    expect(await failure('let a = 1;\n\n  let b: = 3;')).toMatchObject({ kind: 'syntax', at: { line: 3, column: 10 } });
  });
  test('columns count characters, not terminal cells', async () => {
    expect(await failure('const 中文: string = "你好"; let y: = 3')).toMatchObject({ kind: 'syntax', at: { line: 1, column: 33 } });
  });
  test('a file that ends too early', async () => {
    expect(await failure('let x = 1;\nfunction f() {')).toMatchObject({ kind: 'syntax', at: { line: 2 } });
  });
  test('an enum cannot be erased, and the help says what can', async () => {
    expect(await failure('\n  enum A { B }')).toMatchObject({
      kind: 'syntax',
      message: 'TypeScript enum is not supported in a script',
      help: expect.stringContaining('union'),
      at: { line: 2, column: 3 },
    });
  });
  test('a name nobody declared, after types on the same line', async () => {
    expect(await failure('const a: { deep: string } | undefined = undefined; nope();')).toMatchObject({
      kind: 'thrown',
      message: "ReferenceError: 'nope' is not defined",
      at: { line: 1, column: 52 },
    });
  });
  test('an error thrown after an await, inside a function', async () => {
    const error = await failure('async function f() {\n  await 0;\n  throw new RangeError("too far");\n}\nawait f();');
    expect(error).toMatchObject({ kind: 'thrown', message: 'RangeError: too far', at: { line: 3 } });
  });
  test('something thrown that is no error', async () => {
    expect(await failure('throw 42')).toMatchObject({ kind: 'thrown', message: 'the script threw 42' });
  });
  test('an import', async () => {
    expect((await failure('import { readFileSync } from "node:fs";')).message).toContain('imports nothing');
  });
});

describe('limits', () => {
  test('while (true) {} ends, saying where', async () => {
    const error = await failure('const a = [1];\nfunction spin() {\n  while (true) {\n    a.reverse();\n  }\n}\nspin();');
    expect(error).toMatchObject({ kind: 'cpu-limit', at: { line: 4 } });
    expect(error.message).toContain('line 4');
  });
  test('an empty loop leaves no trace of its own: the place named is the last one before it', async () => {
    const error = await failure('const a = [1];\na.reverse();\n\nwhile (true) {}\n\na.reverse();');
    expect(error).toMatchObject({ kind: 'cpu-limit', message: expect.stringContaining('at or after line 2'), at: { line: 2 } });
  });
  test('try and catch do not hold it up', async () => {
    expect(await failure('for (;;) { try { for (;;) {} } catch {} finally { for (;;) {} } }')).toMatchObject({ kind: 'cpu-limit' });
  });
  test('it ends at the same place every time', async () => {
    const counts = [];
    for (let i = 0; i < 2; i++) {
      const { said } = await trial('let n = 0; for (;;) { n++; if (n % 1000 === 0) say(String(n)); }');
      counts.push(said.length);
    }
    expect(counts[0]).toBeGreaterThan(10);
    expect(counts[1]).toBe(counts[0]);
  });
  test('a loop after an await', async () => {
    expect(await failure('await 0;\nfor (;;) {}')).toMatchObject({ kind: 'cpu-limit' });
  });
  test('a run can be stopped from outside while it computes', async () => {
    const stop = { aborted: false };
    const { turn } = await trial(`say('started'); for (;;) {}`, {
      stop,
      host: () => {
        stop.aborted = true;
        return '';
      },
    });
    expect(turn).toMatchObject({ state: 'failed', error: { kind: 'stopped' } });
  });
  test('a defect of ours comes out as what it is, and not inside the script', async () => {
    const defect = new TypeError('our own mistake');
    await expect(
      trial(`try { say('x'); } catch {}`, {
        host: () => {
          throw defect;
        },
      }),
    ).rejects.toBe(defect);
  });
});
