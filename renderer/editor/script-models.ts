import type { Language, ScriptProblem } from '../../preload/contract.ts';
import { editSource, experimentStore } from '../stores/experiment.ts';
import { packetdrillStore } from '../stores/packetdrill.ts';
import { monaco } from './monaco.ts';
import { type Problem, problemsOf } from './problems.ts';

type Model = monaco.editor.ITextModel;

/** One for each language, for the window's life: closing the panel loses neither text nor undo, and no language judges another's script. */
const models = new Map<Language, Model>();
const URIS = { typescript: 'file:///experiment.ts', packetdrill: 'file:///experiment.pkt' } as const;

/** The text of the script in that language. */
export function scriptModel(language: Language): Model {
  const known = models.get(language);
  if (known) return known;
  const isOnShow = (): boolean => experimentStore.getState().language === language;
  const model = monaco.editor.createModel(isOnShow() ? experimentStore.getState().source : '', language, monaco.Uri.parse(URIS[language]));
  models.set(language, model);
  model.onDidChangeContent(() => {
    if (isOnShow()) editSource(model.getValue());
  });
  experimentStore.subscribe(({ source }) => {
    // Only what came from elsewhere: a lesson opened, a file dropped.
    if (isOnShow() && source !== model.getValue()) model.setValue(source);
  });
  mark(model, isOnShow);
  return model;
}

/** Puts the mistakes of the script and the failures of its run under its words. */
function mark(model: Model, isOnShow: () => boolean): void {
  const showMistakes = (): void =>
    monaco.editor.setModelMarkers(model, 'script', isOnShow() ? packetdrillStore.getState().problems.map(wordAt(model)) : []);
  const showFailures = (): void =>
    monaco.editor.setModelMarkers(model, 'run', isOnShow() ? problemsOf(experimentStore.getState()).map(restOfLine(model)) : []);
  packetdrillStore.subscribe(showMistakes);
  experimentStore.subscribe((now, before) => {
    if (now.events !== before.events || now.report !== before.report) showFailures();
  });
  showMistakes();
  showFailures();
}

/** Marks the word a mistake is about, or where there is none the letter before. */
const wordAt =
  (model: Model) =>
  ({ line, column, message }: ScriptProblem): monaco.editor.IMarkerData => {
    const { lineNumber, column: at } = model.validatePosition({ lineNumber: line, column });
    const word = /^[\w.]+|^\S/.exec(model.getLineContent(lineNumber).slice(at - 1))?.[0].length ?? 0;
    const startColumn = word > 0 ? at : Math.max(1, at - 1);
    return {
      startLineNumber: lineNumber,
      startColumn,
      endLineNumber: lineNumber,
      endColumn: startColumn + Math.max(1, word),
      message,
      severity: monaco.MarkerSeverity.Error,
    };
  };

const restOfLine =
  (model: Model) =>
  ({ line, column, message }: Problem): monaco.editor.IMarkerData => {
    const { lineNumber, column: startColumn } = model.validatePosition({ lineNumber: line, column });
    return {
      startLineNumber: lineNumber,
      startColumn,
      endLineNumber: lineNumber,
      endColumn: model.getLineMaxColumn(lineNumber),
      message,
      severity: monaco.MarkerSeverity.Error,
    };
  };
