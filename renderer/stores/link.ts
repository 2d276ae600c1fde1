import { createStore } from 'zustand/vanilla';

/** Whether the Workbench answers: `opening` until it first did, `lost` after it stopped. */
export type LinkState = 'opening' | 'up' | 'lost' | 'unreachable';

export const linkStore = createStore<{ readonly link: LinkState }>(() => ({ link: 'opening' }));

let heardBefore = false;
let told = false;

/** What `LabClient.onLink` tells. Its first word comes at once, before anything could have been reached. */
export function linkChanged(link: 'up' | 'down'): void {
  if (link === 'up') heardBefore = true;
  linkStore.setState({ link: link === 'up' ? 'up' : heardBefore ? 'lost' : told ? 'unreachable' : 'opening' });
  told = true;
}
