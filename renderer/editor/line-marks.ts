import { experimentStore } from '../stores/experiment.ts';
import { runStore, setBreakpoints, toggleBreakpoint } from '../stores/run.ts';
import { monaco } from './monaco.ts';

type Decoration = monaco.editor.IModelDeltaDecoration;

const at = (line: number): monaco.Range => new monaco.Range(line, 1, line, 1);

const whole = (line: number, className: string): Decoration => ({ range: at(line), options: { isWholeLine: true, className } });

const breakpoint = (line: number, hint: string): Decoration => ({
  range: at(line),
  options: {
    glyphMarginClassName: 'glyph-breakpoint',
    glyphMarginHoverMessage: { value: hint },
    stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
  },
});

/**
 * What stands beside and behind the lines of the script: breakpoints, the line a held run has come to, and the line behind the
 * segment that was picked. Returns how to end it.
 */
export function markLines(
  editor: monaco.editor.IStandaloneCodeEditor,
  texts: { readonly toggle: string; readonly hint: string },
): () => void {
  const breakpoints = editor.createDecorationsCollection();
  const lines = editor.createDecorationsCollection();

  const drawBreakpoints = (): void => {
    if (
      breakpoints
        .getRanges()
        .map(({ startLineNumber }) => startLineNumber)
        .join() === runStore.getState().breakpoints.join()
    )
      return;
    breakpoints.set(runStore.getState().breakpoints.map((line) => breakpoint(line, texts.hint)));
  };
  const drawLines = (): void => {
    const { moment, cause } = runStore.getState();
    const now = moment?.position.line;
    lines.set([...(now ? [whole(now, 'line-now')] : []), ...(cause ? [whole(cause.line, 'line-cause')] : [])]);
  };
  drawBreakpoints();
  drawLines();

  const follow = runStore.subscribe((state, before) => {
    if (state.breakpoints !== before.breakpoints) drawBreakpoints();
    if (state.moment === before.moment && state.cause === before.cause) return;
    drawLines();
    const line = state.cause !== before.cause ? state.cause?.line : state.moment?.position.line;
    if (line) editor.revealLineInCenterIfOutsideViewport(line);
  });
  // Lines move as the script is written, and their breakpoints with them.
  const typed = editor.onDidChangeModelContent(() => {
    if (runStore.getState().breakpoints.length > 0) setBreakpoints(breakpoints.getRanges().map(({ startLineNumber }) => startLineNumber));
    if (experimentStore.getState().running) return;
    runStore.setState({ cause: undefined });
  });
  const clicked = editor.onMouseDown(({ target }) => {
    const { GUTTER_GLYPH_MARGIN, GUTTER_LINE_NUMBERS } = monaco.editor.MouseTargetType;
    if ((target.type === GUTTER_GLYPH_MARGIN || target.type === GUTTER_LINE_NUMBERS) && target.position)
      toggleBreakpoint(target.position.lineNumber);
  });
  const pressed = editor.addAction({
    id: 'workbench.breakpoint',
    label: texts.toggle,
    keybindings: [monaco.KeyCode.F9],
    contextMenuGroupId: 'navigation',
    run: () => {
      const line = editor.getPosition()?.lineNumber;
      if (line) toggleBreakpoint(line);
    },
  });
  return () => {
    follow();
    for (const one of [typed, clicked, pressed]) one.dispose();
  };
}
