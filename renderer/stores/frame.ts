/**
 * Runs `work` once before the next paint however often it is asked, so that a burst of deltas costs one render. Where
 * nothing paints (tests, a hidden tab) a short timer does it.
 */
export function oncePerFrame(work: () => void): () => void {
  let asked = false;
  const run = (): void => {
    if (!asked) return;
    asked = false;
    work();
  };
  return () => {
    if (asked) return;
    asked = true;
    if (typeof requestAnimationFrame === 'function' && typeof document !== 'undefined' && !document.hidden) requestAnimationFrame(run);
    else setTimeout(run, 33);
  };
}
