import { contextBridge, ipcRenderer } from 'electron';
import type { LabClient, LabStreams, RequestInput, RequestName, RequestOutput, StreamName } from './contract.ts';

/** What the window sees of Electron: functions of the contract, never `ipcRenderer` itself. */
const listeners = new Map<string, Set<(message: never) => void>>();

ipcRenderer.on('lab:stream', (_event, stream: string, message: unknown) => {
  for (const listener of listeners.get(stream) ?? []) listener(message as never);
});

const client: LabClient = {
  request<K extends RequestName>(name: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    return ipcRenderer.invoke('lab:request', name, input);
  },
  subscribe<K extends StreamName>(name: K, listener: (message: LabStreams[K]) => void): () => void {
    const of = listeners.get(name) ?? new Set();
    listeners.set(name, of);
    of.add(listener as (message: never) => void);
    return () => of.delete(listener as (message: never) => void);
  },
  // The main process outlives its windows: while this page runs, it answers.
  onLink(listener) {
    listener('up');
    return () => undefined;
  },
};

contextBridge.exposeInMainWorld('workbench', client);
