import type { Language } from '../../preload/contract.ts';
import type { Actions } from '../stores/actions.ts';
import { loadScript } from '../stores/experiment.ts';
import type { WindowActions } from './window-actions.ts';

/** Scripts go to the editor, everything else is taken for a capture: the Workbench says so when it is none. */
export async function openDroppedFiles(files: readonly File[], actions: Actions, window: WindowActions): Promise<void> {
  for (const file of files) {
    const language = languageOf(file.name);
    if (language) {
      loadScript(file.name.replace(/\.\w+$/, ''), await file.text(), language);
      window.show('editor');
    } else await actions.openCapture(file.name, new Uint8Array(await file.arrayBuffer()));
  }
}

/** By the end of its name; undefined for what is no script. */
const languageOf = (name: string): Language | undefined =>
  /\.(ts|js)$/i.test(name) ? 'typescript' : /\.pkt$/i.test(name) ? 'packetdrill' : undefined;

/** The system's file dialog. */
export function pickFiles(accept: string): Promise<readonly File[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.multiple = true;
    input.onchange = () => resolve([...(input.files ?? [])]);
    input.oncancel = () => resolve([]);
    input.click();
  });
}

export const CAPTURE_FILES = '.pcap,.pcapng,.cap,.gz';
export const SCRIPT_FILES = '.ts,.js,.pkt';
