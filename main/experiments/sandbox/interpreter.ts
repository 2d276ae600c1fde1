import {
  type CustomizeVariantOptions,
  DefaultIntrinsics,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  RELEASE_SYNC,
} from 'quickjs-emscripten';

/** One QuickJS in a WebAssembly memory of its own: whatever a script does to it, the next script gets a fresh one. */
export interface Interpreter {
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  /** Reads name, message and stack of anything thrown, running no code of the script's unless it hides in a getter. */
  readonly describe: QuickJSHandle;
}

/** Set up before a script can change any built-in, so it describes the truth afterwards. */
const DESCRIBE = `((String, stringify) => (thrown) => {
  const read = (key) => {
    try { const value = thrown[key]; return typeof value === 'string' ? value : ''; } catch { return ''; }
  };
  const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function';
  let text = '';
  if (!isObject) { try { text = String(thrown); } catch { text = typeof thrown; } }
  return stringify({ isObject, text, name: isObject ? read('name') : '', message: isObject ? read('message') : '', stack: isObject ? read('stack') : '' });
})(String, JSON.stringify)`;

type WasmMemory = NonNullable<CustomizeVariantOptions['wasmMemory']>;
/** As much of it as is needed here: the types for Node know nothing of WebAssembly. */
declare const WebAssembly: { readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory };

const WASM_PAGE = 65_536;
/** What the interpreter needs for itself: its WebAssembly stack, tables and the fragments between what it allocates. */
const OWN_PAGES = (32 << 20) / WASM_PAGE;
const FIRST_PAGES = (16 << 20) / WASM_PAGE;

/** `Date` is left out: a run knows only the target's clock. */
export async function newInterpreter(memory: number, stack: number): Promise<Interpreter> {
  // QuickJS does not count the octets of an ArrayBuffer towards its limit; the WebAssembly memory itself holds all there is.
  const maximum = OWN_PAGES + Math.ceil(memory / WASM_PAGE);
  const variant = newVariant(RELEASE_SYNC, { wasmMemory: new WebAssembly.Memory({ initial: FIRST_PAGES, maximum }) });
  const module = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(memory);
  runtime.setMaxStackSize(stack);
  const context = runtime.newContext({ intrinsics: { ...DefaultIntrinsics, Date: false } });
  const describe = context.unwrapResult(context.evalCode(DESCRIBE, 'describe.js'));
  return { runtime, context, describe };
}
