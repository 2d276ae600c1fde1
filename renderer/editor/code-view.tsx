import { useEffect, useRef } from 'react';
import { useText } from '../i18n/text.ts';
import { editSource, experimentStore } from '../stores/experiment.ts';
import { useTheme } from '../ui/theme.ts';
import { markLines } from './line-marks.ts';
import { monaco } from './monaco.ts';
import { problemsOf } from './problems.ts';

/** The script: one model for the window's life, so that closing the panel loses neither text nor undo. */
let model: monaco.editor.ITextModel | undefined;

function scriptModel(): monaco.editor.ITextModel {
  if (model) return model;
  const made = monaco.editor.createModel(experimentStore.getState().source, 'typescript', monaco.Uri.parse('file:///experiment.ts'));
  made.onDidChangeContent(() => editSource(made.getValue()));
  experimentStore.subscribe(({ source }) => {
    // Only what came from elsewhere: a lesson opened, a file dropped.
    if (source !== made.getValue()) made.setValue(source);
  });
  const showProblems = (): void => {
    const lines = made.getLineCount();
    monaco.editor.setModelMarkers(
      made,
      'run',
      problemsOf(experimentStore.getState()).map(({ line, column, message }) => {
        const at = Math.min(lines, Math.max(1, line));
        return {
          startLineNumber: at,
          startColumn: Math.max(1, column),
          endLineNumber: at,
          endColumn: made.getLineMaxColumn(at),
          message,
          severity: monaco.MarkerSeverity.Error,
        };
      }),
    );
  };
  experimentStore.subscribe((now, before) => {
    if (now.events !== before.events || now.report !== before.report) showProblems();
  });
  showProblems();
  model = made;
  return made;
}

export function CodeView({ label }: { readonly label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const t = useText();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the label changes with the language, and with it every text
  useEffect(() => {
    if (!box.current) return;
    const editor = monaco.editor.create(box.current, {
      model: scriptModel(),
      ariaLabel: label,
      automaticLayout: true,
      fontSize: 13,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      tabSize: 2,
      padding: { top: 8, bottom: 8 },
      renderLineHighlight: 'line',
      fixedOverflowWidgets: true,
      stickyScroll: { enabled: false },
      overviewRulerBorder: false,
      lineNumbersMinChars: 3,
      glyphMargin: true,
      selectOnLineNumbers: false,
    });
    const follow = experimentStore.subscribe((now, before) => {
      if (!now.reveal || now.reveal === before.reveal) return;
      const at = { lineNumber: now.reveal.line, column: now.reveal.column };
      editor.revealPositionInCenter(at);
      editor.setPosition(at);
      editor.focus();
    });
    const unmark = markLines(editor, { toggle: t('run.breakpoint'), hint: t('run.breakpointHint') });
    return () => {
      follow();
      unmark();
      editor.dispose();
    };
  }, [label]);

  useEffect(() => monaco.editor.setTheme(`workbench-${theme}`), [theme]);

  return <div className="code" ref={box} />;
}
