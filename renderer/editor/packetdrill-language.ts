import type * as Monaco from 'monaco-editor/editor/editor.api.js';
import { packetdrillStore } from '../stores/packetdrill.ts';
import { callAround, isInCode, type Suggestion, signatureOf, suggestionsFor } from './packetdrill-completion.ts';

const LANGUAGE = 'packetdrill';

/** Colours: times, directions, flags, options, calls, constants, commands and code. */
const TOKENS: Monaco.languages.IMonarchLanguage = {
  defaultToken: '',
  tokenizer: {
    root: [
      { include: '@blank' },
      [/^--\w+/, 'keyword'],
      [/%\{/, { token: 'delimiter', next: '@code' }],
      [/`/, { token: 'string', next: '@command' }],
      [/"/, { token: 'string', next: '@text' }],
      [/^\s*(?:\*|\+\*|\+?[\d.]+(?:~\+?[\d.]+)?(?:\.\.\.[\d.]+)?)(?=\s)/, 'number.time'],
      [/([<>])(\s+)((?:[SFRPUEWA]*\.?[0-7]?|-)(?=\s))/, ['operator.direction', '', 'type.flags']],
      [/[<>]/, 'operator.direction'],
      [
        /\b(?:ack|win|urg|mss|nop|eol|sackOK|sack|TS|val|ecr|wscale|FO|FOEXP|ECN|md5|icmp|udp|noecn|ect0|ect1|ect01|ce|tos|ttl)\b/,
        'keyword',
      ],
      [/\b[a-z_]\w*(?=\s*\()/, 'function'],
      [/\b[A-Z][A-Z0-9_]+\b/, 'constant'],
      [/-?\b0x[\da-fA-F]+\b|-?\b\d[\d.]*\b/, 'number'],
    ],
    blank: [
      [/\/\/.*$/, 'comment'],
      [/\/\*/, { token: 'comment', next: '@comment' }],
    ],
    comment: [
      [/\*\//, { token: 'comment', next: '@pop' }],
      [/[^*]+|\*/, 'comment'],
    ],
    text: [
      [/"/, { token: 'string', next: '@pop' }],
      [/\\.|[^"\\]+/, 'string'],
    ],
    command: [
      [/`/, { token: 'string', next: '@pop' }],
      [/\\.|[^`\\]+/, 'string'],
    ],
    code: [
      [/\}%/, { token: 'delimiter', next: '@pop' }],
      [/#.*$/, 'comment'],
      [/\b(?:assert|and|or|not|print|import)\b/, 'keyword'],
      [/\btcpi_\w+/, 'variable'],
      [/\bTCP\w+/, 'constant'],
      [/\d[\d.]*/, 'number'],
      [/'[^']*'|"[^"]*"/, 'string'],
      [/./, ''],
    ],
  },
};

/** Teaches the editor packetdrill's language; what it knows of calls and words comes from the Workbench. */
export function registerPacketdrill(monaco: typeof Monaco): void {
  monaco.languages.register({ id: LANGUAGE, extensions: ['.pkt'] });
  monaco.languages.setMonarchTokensProvider(LANGUAGE, TOKENS);
  monaco.languages.setLanguageConfiguration(LANGUAGE, {
    comments: { lineComment: '//', blockComment: ['/*', '*/'] },
    brackets: [
      ['(', ')'],
      ['[', ']'],
      ['{', '}'],
    ],
    autoClosingPairs: [
      { open: '(', close: ')' },
      { open: '[', close: ']' },
      { open: '"', close: '"' },
      { open: '`', close: '`' },
    ],
  });
  const { CompletionItemKind } = monaco.languages;
  const kinds = {
    call: CompletionItemKind.Function,
    word: CompletionItemKind.Constant,
    time: CompletionItemKind.Unit,
    packet: CompletionItemKind.Snippet,
  };
  monaco.languages.registerCompletionItemProvider(LANGUAGE, {
    triggerCharacters: ['-', '+', ' ', '<', '>', '(', ',', '|'],
    provideCompletionItems(model, { lineNumber, column }) {
      const { reference } = packetdrillStore.getState();
      if (!reference) return { suggestions: [] };
      const before = model.getLineContent(lineNumber).slice(0, column - 1);
      const { replaces, all } = suggestionsFor(before, isInCode(textBefore(model, lineNumber, column)), reference);
      const range = new monaco.Range(lineNumber, column - replaces, lineNumber, column);
      return {
        suggestions: all.map((one, i) => ({
          label: one.label,
          kind: kinds[one.kind],
          insertText: one.insert,
          ...(one.signature !== undefined && { detail: one.signature }),
          documentation: { value: aboutOf(one) },
          range,
          sortText: String(i).padStart(4, '0'),
        })),
      };
    },
  });
  monaco.languages.registerHoverProvider(LANGUAGE, {
    provideHover(model, position) {
      const word = model.getWordAtPosition(position)?.word;
      const { reference } = packetdrillStore.getState();
      if (!word || !reference) return null;
      const call = reference.calls.find(({ name }) => name === word);
      if (call) return { contents: [{ value: `\`${signatureOf(call)}\`` }, { value: call.about }] };
      const { options, constants, errnos, tcpInfo, settings } = reference;
      const known = [options, constants, errnos, tcpInfo, settings].flat().find(({ name }) => name === word);
      return known ? { contents: [{ value: `\`${known.name}\`` }, { value: known.about }] } : null;
    },
  });
  monaco.languages.registerSignatureHelpProvider(LANGUAGE, {
    signatureHelpTriggerCharacters: ['(', ','],
    provideSignatureHelp(model, { lineNumber, column }) {
      const around = callAround(model.getLineContent(lineNumber).slice(0, column - 1));
      const call = packetdrillStore.getState().reference?.calls.find(({ name }) => name === around?.name);
      if (!around || !call) return null;
      const parameters = call.parameters.map(([label]) => ({ label }));
      const signature = { label: signatureOf(call), documentation: call.about, parameters };
      return { value: { signatures: [signature], activeSignature: 0, activeParameter: around.argument }, dispose: () => undefined };
    },
  });
}

/** Where a piece of code may have begun is not far. */
const LINES_BACK = 50;

const textBefore = (model: Monaco.editor.ITextModel, lineNumber: number, column: number): string =>
  model.getValueInRange({
    startLineNumber: Math.max(1, lineNumber - LINES_BACK),
    startColumn: 1,
    endLineNumber: lineNumber,
    endColumn: column,
  });

const aboutOf = ({ about, insert, kind }: Suggestion): string => (kind === 'call' ? `${about}\n\n\`${insert}\`` : about);
