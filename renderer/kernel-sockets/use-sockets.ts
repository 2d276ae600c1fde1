import { useEffect, useState } from 'react';
import type { KernelSocketsAsked, KernelSocketsReport, WorkbenchError } from '../../preload/contract.ts';
import { useActions } from '../stores/use.ts';

const EVERY_MS = 1000;
/** The Workbench is busy with the kernel's sockets for a tenth of its time at most. */
const REST = 9;

export interface Looked {
  readonly report?: KernelSocketsReport;
  readonly error?: WorkbenchError;
}

/** What the kernel says of its sockets, asked again and again as long as somebody looks; undefined before the first answer, or where nothing is asked. */
export function useSockets(asked: KernelSocketsAsked | undefined): Looked | undefined {
  const actions = useActions();
  const [looked, setLooked] = useState<Looked>();
  const key = asked && JSON.stringify(asked);
  useEffect(() => {
    setLooked((before) => (key === undefined ? undefined : before));
    if (key === undefined) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async (): Promise<void> => {
      const began = performance.now();
      const answer = document.visibilityState === 'visible' ? await actions.kernelSockets(JSON.parse(key)) : undefined;
      if (isOver) return;
      if (answer) setLooked(answer.ok ? { report: answer.value } : { error: answer.error });
      timer = setTimeout(look, Math.max(EVERY_MS, REST * (performance.now() - began)));
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [actions, key]);
  return looked;
}
