import {
  DefaultIntrinsics,
  newQuickJSWASMModuleFromVariant,
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

/** `Date` is left out: a run knows only the target's clock. */
export async function newInterpreter(memory: number, stack: number): Promise<Interpreter> {
  const module = await newQuickJSWASMModuleFromVariant(RELEASE_SYNC);
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(memory);
  runtime.setMaxStackSize(stack);
  const context = runtime.newContext({ intrinsics: { ...DefaultIntrinsics, Date: false } });
  const describe = context.unwrapResult(context.evalCode(DESCRIBE, 'describe.js'));
  return { runtime, context, describe };
}
