/** amaro carries no types; this is the part of it we call. */
declare module 'amaro' {
  /** Throws the parser's report, a string, when `source` is not erasable TypeScript. */
  export function transformSync(source: string, options: { readonly mode: 'strip-only' }): { readonly code: string };
}
