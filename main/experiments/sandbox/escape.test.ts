import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';

/**
 * What a hostile script tries. Each attempt either ends with its own clear error or sees nothing but the sandbox; the
 * process that runs it goes on unharmed, and the next script finds nothing of it.
 */
const KIND_OF_END: readonly (readonly [what: string, script: string, kind: string])[] = [
  ['an endless loop', 'while (true) {}', 'cpu-limit'],
  ['an endless loop in a getter of a thrown object', 'throw { get message() { for (;;) {} } };', 'thrown'],
  ['an endless loop that catches', 'for (;;) { try { while (true) {} } catch {} }', 'cpu-limit'],
  [
    'an endless loop in a rule',
    'const { client, link } = lab.twoHosts(); link.drop(() => { for (;;) {} }); const f = await client.socket(AF_INET, SOCK_STREAM); await client.connect(f, { address: "10.0.0.2", port: 1 });',
    'cpu-limit',
  ],
  ['an endless loop in a watched condition', 'expect.never(() => { for (;;) {} }, "x");', 'cpu-limit'],
  ['an endless loop in a promise reaction', 'Promise.resolve().then(() => { for (;;) {} }); await new Promise(() => {});', 'cpu-limit'],
  ['an endless generator', 'function* g() { while (true) yield 1; } [...g()];', 'cpu-limit|memory-limit'],
  [
    'a promise flood',
    'function flood() { Promise.resolve().then(flood); Promise.resolve().then(flood); } flood(); await new Promise(() => {});',
    'cpu-limit|memory-limit',
  ],
  [
    'a chain of promises without end',
    'function again() { Promise.resolve().then(again); } again(); await new Promise(() => {});',
    'cpu-limit',
  ],
  ['an async function that awaits itself', 'async function f() { await f(); } await f();', 'thrown|memory-limit'],
  ['a thenable that never lets go', 'await { then(r) { r(this); } };', 'cpu-limit'],
  ['deep recursion', 'function f() { return f() + 1; } f();', 'thrown'],
  ['deep recursion through a native function', 'const f = () => [1].map(f); f();', 'thrown|memory-limit'],
  ['deep recursion through toString', 'const o = { toString() { return String(o); } }; String(o);', 'thrown'],
  ['deep recursion through a proxy', 'const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x;', 'thrown'],
  ['a regular expression that nests too deep', 'new RegExp("(".repeat(1e6) + ")".repeat(1e6));', 'thrown|memory-limit'],
  ['a source that nests too deep', `${'('.repeat(20_000)}1${')'.repeat(20_000)}`, 'syntax|thrown|memory-limit|unusable'],
  ['JSON that nests too deep', 'JSON.parse("[".repeat(1e6));', 'thrown|memory-limit'],
  ['a value that nests too deep', 'let v = []; for (let i = 0; i < 1e5; i++) v = [v]; JSON.stringify(v);', 'thrown|memory-limit'],
  ['a regular-expression bomb', '/(a+)+$/.test("a".repeat(60) + "b");', 'cpu-limit'],
  ['a string without end', 'let s = "x"; for (;;) s += s;', 'memory-limit'],
  ['a giant string', '"x".repeat(2 ** 30 - 10);', 'memory-limit|thrown'],
  ['a giant array', 'new Array(2 ** 32 - 1).fill(0);', 'memory-limit|cpu-limit|thrown'],
  ['a giant typed array', 'new Uint8Array(2 ** 31);', 'memory-limit|thrown'],
  ['a giant number', '2n ** (2n ** 40n);', 'memory-limit|thrown|cpu-limit'],
  ['an array without end', 'const all = []; for (;;) all.push(new Uint8Array(100_000));', 'memory-limit'],
  [
    'memory used up, error caught, again',
    'for (;;) { try { const a = []; for (;;) a.push(new Uint8Array(1e6)); } catch {} }',
    'cpu-limit|memory-limit',
  ],
  ['giant output', 'const line = "x".repeat(100000); for (;;) console.log(line);', 'output-limit'],
  ['output without end', 'for (;;) console.log("x");', 'output-limit|cpu-limit'],
  ['checks without end', 'for (;;) expect(1, "one").toBe(1);', 'output-limit|cpu-limit'],
  ['hosts without end', 'for (let i = 0; ; i++) lab.host("h" + i, { addresses: ["10.0.0.1/24"] });', 'thrown'],
  ['processes without end', 'const h = lab.host("h", { addresses: ["10.0.0.1/24"] }); for (;;) h.process("p");', 'thrown|cpu-limit'],
  ['sleeping for ever', 'await sleep(Infinity);', 'thrown'],
  ['an import of Node', 'import "node:fs";', 'thrown'],
  ['an import of the library itself', 'import { ask } from "./channel.ts"; ask({ op: "now" });', 'thrown'],
  ['a dynamic import', 'await import("node:child_process");', 'thrown'],
  ['a dynamic import of the library', 'await import("channel.ts");', 'thrown'],
  ['throwing null', 'throw null;', 'thrown'],
  [
    'throwing a hostile proxy',
    'throw new Proxy(function () {}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, has() { throw 3; } });',
    'thrown',
  ],
  ['throwing a symbol', 'throw Symbol("x");', 'thrown'],
  ['a stack of its own making', 'const e = new Error("x"); e.stack = "at f (script.ts:99999999999:1)".repeat(1e5); throw e;', 'thrown'],
  ['a source that is too long', `// ${'x'.repeat(1024 * 1024)}`, 'unusable'],
];

describe('ends with a clear error', () => {
  test.each(KIND_OF_END)('%s', async (_what, script, kind) => {
    const { report } = await run(script, { limits: { pollsPerTurn: 3000, millisecondsPerTurn: 2000 } });
    expect(report.outcome).toBe('error');
    expect(report.error?.kind).toMatch(new RegExp(`^(${kind})$`));
    expect(report.error?.message.length).toBeLessThan(3000);
  });
});

const ANSWERS: readonly (readonly [what: string, script: string, said: readonly string[]])[] = [
  [
    'no name of Node, of a browser or of a clock is there',
    'console.log(["process", "require", "module", "global", "Buffer", "fetch", "XMLHttpRequest", "setTimeout", "setImmediate", "queueMicrotask", "WebAssembly", "Worker", "Deno", "Bun", "window", "document", "std", "os", "Date", "performance", "print", "scriptArgs", "__loadScript", "host", "Atomics"].filter((name) => name in globalThis).join())',
    [''],
  ],
  [
    'what an ArrayBuffer holds is memory, too',
    'const all = []; let full = false; try { while (all.length < 200) all.push(new Uint8Array(1e6)); } catch { full = true; } console.log(full)',
    ['true'],
  ],
  [
    'constructor.constructor makes functions of the sandbox only',
    'console.log([].constructor.constructor("return typeof process + typeof globalThis.lab")())',
    ['undefinedobject'],
  ],
  [
    'so does the constructor of everything the lab gives',
    `const { client, link } = lab.twoHosts();
     const fd = await client.socket(AF_INET, SOCK_STREAM);
     const all = [lab, client, client.host, link, link.segments(), client.history(fd), expect(1, 'x'), console.log, SystemError, sleep(0), new SystemError({ message: '', errno: '', syscall: '' })];
     console.log(all.map((one: any) => one.constructor.constructor('return typeof process')()).join())`,
    [Array.from({ length: 11 }, () => 'undefined').join()],
  ],
  [
    'and of every error the lab throws',
    `const { client } = lab.twoHosts();
     const errors: any[] = [];
     for (const attempt of [() => client.listen(99), () => client.state(99), () => lab.host('', { addresses: [] }), () => sleep(-1), () => lab.twoHosts(null as any)]) {
       try { await attempt(); } catch (error) { errors.push(error); }
     }
     console.log(errors.length, errors.map((error) => error.constructor.constructor('return typeof process')() + (error instanceof Error)).join());`,
    ['5 undefinedtrue,undefinedtrue,undefinedtrue,undefinedtrue,undefinedtrue'],
  ],
  ['eval is the sandbox of the sandbox', 'console.log((0, eval)("typeof process + typeof lab"))', ['undefinedobject']],
  [
    'a polluted prototype stays inside',
    `(Object.prototype as any).polluted = 'yes'; (Array.prototype as any).ok = true;
     const { client } = lab.twoHosts();
     console.log(client.host.counters().OutSegs)`,
    ['0'],
  ],
  [
    'a frozen or replaced built-in harms only the script',
    `JSON.stringify = () => 'nonsense'; JSON.parse = () => { throw 1; }; Object.freeze(Object.prototype);
     const { client } = lab.twoHosts();
     console.log(await client.socket(AF_INET, SOCK_STREAM))`,
    ['3'],
  ],
  [
    'chance and time come from the seed and the target',
    'const a = Math.random(); await sleep(2); console.log(a === Math.random(), a < 1, now())',
    ['false true 2'],
  ],
];

describe('sees nothing but the sandbox', () => {
  test.each(ANSWERS)('%s', async (_what, script, said) => {
    const ran = await run(script);
    expect(ran.report.error).toBeUndefined();
    expect(ran.said).toEqual(said);
  });
});

test('a polluted prototype does not reach the host', async () => {
  await run(`Object.prototype.constructor.prototype.__leak = 1; ({}).__proto__.__leak = 2;
    lab.host('__proto__', { addresses: ['10.0.0.1/24'], sysctls: JSON.parse('{"__proto__": 1}') });`);
  expect(({} as { __leak?: number }).__leak).toBeUndefined();
});

test('a forged request is refused: toJSON lets a script say what it likes to the laboratory', async () => {
  const forged = [
    { op: 'call', process: 0, call: { name: 'constructor' }, stack: '' },
    { op: 'call', process: -1, call: { name: 'exit' }, stack: '' },
    { op: 'call', process: 9, call: { name: 'exit' }, stack: '' },
    { op: 'observe', process: 0, fd: 3, what: '__proto__' },
    { op: 'sysctl', host: 0, name: 'constructor' },
    { op: 'segments', link: 1e99 },
    { op: 'link', a: 0, b: 7, settings: {} },
    { op: 'next', what: 'x' },
    { op: 'check', ok: 'yes' },
    { op: 'decode', octets: '\u4f60' },
    { op: 'constructor' },
    [],
    null,
    'x',
  ];
  const { report, said } = await run(`
    lab.twoHosts();
    for (const request of ${JSON.stringify(forged)}) {
      (Object.prototype as any).toJSON = () => request;
      let refused = 'no';
      try { now(); } catch (error) { refused = error instanceof Error ? 'yes' : 'strangely'; }
      delete (Object.prototype as any).toJSON;
      console.log(refused);
    }`);
  expect(report.error).toBeUndefined();
  expect(said).toEqual(forged.map(() => 'yes'));
});

test('after all that, the next script runs as ever', async () => {
  await run('globalThis.leak = 1; let s = "x"; for (;;) s += s;');
  const { said } = await run('console.log(typeof globalThis.leak)');
  expect(said).toEqual(['undefined']);
});
