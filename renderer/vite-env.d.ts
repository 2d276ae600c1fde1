/// <reference types="vite/client" />

declare module '*.css';

interface Window {
  /** How Monaco finds its workers. */
  MonacoEnvironment?: { getWorker(id: string, label: string): Worker };
}

/** Parts of Monaco that have no declarations of their own. */
declare module 'monaco-editor/editor/standalone/browser/standaloneServices.js' {
  export const StandaloneServices: { initialize(overrides: Readonly<Record<string, unknown>>): void };
}
declare module 'monaco-editor/platform/storage/common/storage.js' {
  export class InMemoryStorageService {
    store(key: string, value: boolean, scope: number, target: number): void;
  }
}
