/// <reference types="vite/client" />

declare module '*.css';

interface Window {
  /** How Monaco finds its workers. */
  MonacoEnvironment?: { getWorker(id: string, label: string): Worker };
}
