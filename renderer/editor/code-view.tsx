import { useEffect, useRef } from 'react';
import { useText } from '../i18n/text.ts';
import { experimentStore } from '../stores/experiment.ts';
import { useTheme } from '../ui/theme.ts';
import { markLines } from './line-marks.ts';
import { monaco } from './monaco.ts';
import { scriptModel } from './script-models.ts';

export function CodeView({ label }: { readonly label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const t = useText();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the label changes with the language, and with it every text
  useEffect(() => {
    if (!box.current) return;
    const editor = monaco.editor.create(box.current, {
      model: scriptModel(experimentStore.getState().language),
      ariaLabel: label,
      automaticLayout: true,
      fontSize: 13,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      tabSize: 2,
      padding: { top: 8, bottom: 8 },
      renderLineHighlight: 'line',
      stickyScroll: { enabled: false },
      overviewRulerBorder: false,
      lineNumbersMinChars: 3,
      glyphMargin: true,
      selectOnLineNumbers: false,
      fixedOverflowWidgets: true,
    });
    const follow = experimentStore.subscribe((now, before) => {
      if (now.language !== before.language) editor.setModel(scriptModel(now.language));
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
