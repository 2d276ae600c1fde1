/**
 * Monaco with two languages, TypeScript and packetdrill's, and two workers. The editing features come all together: they lean on one
 * another's services in ways that only show when one is missing.
 */
import * as monaco from 'monaco-editor/editor/editor.api.js';
import 'monaco-editor/features/register.all.js';
import './editor-storage.ts';
import 'monaco-editor/languages/definitions/typescript/register.js';
import EditorWorker from 'monaco-editor/editor/editor.worker.js?worker';
import TypeScriptWorker from 'monaco-editor/language/typescript/ts.worker.js?worker';
import { ModuleKind, ScriptTarget, typescriptDefaults } from 'monaco-editor/languages/features/typescript/register.js';
import { onLabTypes } from './lab-types.ts';
import { registerPacketdrill } from './packetdrill-language.ts';

self.MonacoEnvironment = {
  getWorker: (_id: string, label: string) =>
    label === 'typescript' || label === 'javascript' ? new TypeScriptWorker() : new EditorWorker(),
};

typescriptDefaults.setCompilerOptions({
  target: ScriptTarget.ES2020,
  module: ModuleKind.ESNext,
  // A script runs in a sandbox that has the language and the lab, but neither a page nor Node.
  lib: ['es2022'],
  strict: true,
  allowNonTsExtensions: true,
  // Lab scripts await at their top level, which TypeScript grants to modules only: without this, a script without imports is none.
  moduleDetection: 3,
});
typescriptDefaults.setEagerModelSync(true);
registerPacketdrill(monaco);
onLabTypes((types) => typescriptDefaults.setExtraLibs([{ content: types, filePath: 'file:///lab.d.ts' }]));

monaco.editor.defineTheme('workbench-dark', {
  base: 'vs-dark',
  inherit: true,
  rules: [
    { token: 'constant', foreground: '4fc1ff' },
    { token: 'function', foreground: 'dcdcaa' },
  ],
  colors: {
    'editor.background': '#12171e',
    'editorGutter.background': '#12171e',
    'editor.lineHighlightBackground': '#1a212a',
    'editorWidget.background': '#1a212a',
  },
});
monaco.editor.defineTheme('workbench-light', {
  base: 'vs',
  inherit: true,
  rules: [
    { token: 'constant', foreground: '0062a3' },
    { token: 'function', foreground: '795e26' },
  ],
  colors: { 'editor.background': '#ffffff', 'editorGutter.background': '#ffffff', 'editor.lineHighlightBackground': '#f3f6f9' },
});

export { monaco };
