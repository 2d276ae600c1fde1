import { createRequire } from 'node:module';

type Amaro = typeof import('amaro');

// Not named `require`: the bundler puts a shim of that name into every module that mentions it.
const load = createRequire(import.meta.url);
let amaro: Amaro | undefined;

/** What became of a source: JavaScript, the parser's report on a mistake, or nothing because the parser itself gave up. */
export type Stripped = { readonly code: string } | { readonly report: string } | 'gave-up';

/**
 * Types out, in place. The parser is a WebAssembly program with a stack of its own: a source that nests deep enough
 * exhausts it and leaves its memory in disorder, so it is then thrown away and the next source gets a fresh one.
 */
export function stripTypeScript(source: string): Stripped {
  amaro ??= load('amaro') as Amaro;
  try {
    return { code: amaro.transformSync(source, { mode: 'strip-only' }).code };
  } catch (thrown) {
    if (typeof thrown === 'string') return { report: thrown };
    amaro = undefined;
    delete require.cache[require.resolve('amaro')];
    return 'gave-up';
  }
}
