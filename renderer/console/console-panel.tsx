import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ExperimentEvent, ScriptPosition } from '../../preload/contract.ts';
import { useWindow } from '../app/window-actions.ts';
import { formatDuration } from '../format/time.ts';
import { useText } from '../i18n/text.ts';
import { experimentStore, openQuestion, revealLine } from '../stores/experiment.ts';
import { lessonsStore } from '../stores/lessons.ts';
import { runStore } from '../stores/run.ts';
import { useActions } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { BothSides } from './both-sides.tsx';
import { CompareButton, Comparison } from './comparison.tsx';
import { QuestionForm } from './question-form.tsx';
import './console.css';

type Shown = 'all' | 'checks';

/** What the script said, called and claimed, in the order of the target's clock. */
export function ConsolePanel() {
  const t = useText();
  const actions = useActions();
  const window = useWindow();
  const { events, report, refused, running } = useStore(experimentStore);
  const question = useStore(experimentStore, openQuestion);
  const [shown, setShown] = useState<Shown>('all');
  const lessons = useStore(lessonsStore, (s) => s.lessons.length);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = shown === 'all' ? events : events.filter((event) => event.kind === 'check');
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => 24, overscan: 20 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines bring the end into view while the run goes on
  useEffect(() => {
    if (running && rows.length > 0) virtual.scrollToIndex(rows.length - 1);
  }, [rows.length, running]);

  if (events.length === 0 && !report && !refused && !running)
    return (
      <EmptyState
        icon="check"
        title={t('console.emptyTitle')}
        action={
          experimentStore.getState().source
            ? { label: t('console.run'), run: () => void actions.runExperiment() }
            : { label: t('console.toLessons'), run: () => window.show(lessons > 0 ? 'lessons' : 'editor') }
        }
      >
        {t('console.empty')}
      </EmptyState>
    );

  const goTo = (at: ScriptPosition | undefined): void => {
    if (!at) return;
    window.show('editor');
    revealLine(at.line, at.column);
  };
  return (
    <>
      <div className="panel-bar">
        <Verdict />
        <span className="spacer" />
        <CompareButton />
        {(['all', 'checks'] as const).map((kind) => (
          <button
            type="button"
            key={kind}
            className="button button-quiet button-small"
            aria-pressed={shown === kind}
            onClick={() => setShown(kind)}
          >
            {t(`console.${kind}`)}
          </button>
        ))}
      </div>
      <Comparison />
      {question && (
        <QuestionForm key={question.number} prediction={question} onAnswer={(answer) => void actions.answer(question.number, answer)} />
      )}
      <div className="console" ref={scroll} role="log" aria-label={t('panel.console')}>
        {refused && (
          <p className="console-error" role="alert">
            {refused.message} {refused.help}
          </p>
        )}
        {report?.error && (
          <div role="alert">
            <button type="button" className="console-error" onClick={() => goTo(report.error?.at)}>
              <strong>{t(`error.${report.error.kind}`)}</strong> {report.error.message} {report.error.help}
              {report.error.at && <span className="console-line mono">:{report.error.at.line}</span>}
            </button>
          </div>
        )}
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div
              key={index}
              data-index={index}
              ref={virtual.measureElement}
              className="console-row"
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line event={rows[index]!} onGo={goTo} />
            </div>
          ))}
        </div>
      </div>
    </>
  );
}

/** How the run ended, or that it goes on. */
function Verdict() {
  const t = useText();
  const { report, running, events, target, seed } = useStore(experimentStore);
  const held = useStore(runStore, (s) => s.position?.run === 'paused');
  if (running) return <span className="verdict verdict-running">{t(held ? 'console.held' : 'console.running')}</span>;
  if (!report) return null;
  const checks = report.checks.length > 0 ? report.checks : events.flatMap((event) => (event.kind === 'check' ? [event.check] : []));
  const passed = checks.filter((check) => check.ok).length;
  return (
    <span className={`verdict verdict-${report.outcome}`} role="status" data-outcome={report.outcome}>
      <Icon name={report.outcome === 'passed' ? 'check' : 'cross'} size={14} />
      {t(`outcome.${report.outcome}`)} · {t('console.count', { passed, total: checks.length })}
      <span className="hint">
        {t(target === 'engine' ? 'editor.engine' : 'editor.kernel')} · {t('editor.seed')} {seed} · {formatDuration(report.duration / 1e9)}
      </span>
    </span>
  );
}

/** Where the line comes from, and how it is dressed. */
function aboutLine(event: ExperimentEvent): { readonly at: ScriptPosition | undefined; readonly kind: string } {
  switch (event.kind) {
    case 'check':
      return { at: event.check.at, kind: event.check.ok ? 'ok' : 'failed' };
    case 'question':
    case 'prediction':
      return { at: event.prediction.at, kind: 'note' };
    case 'log':
      return { at: event.at, kind: event.level };
    case 'call':
      return { at: event.at, kind: 'call' };
  }
}

interface LineProps {
  readonly event: ExperimentEvent;
  readonly onGo: (at: ScriptPosition | undefined) => void;
}

function Line({ event, onGo }: LineProps) {
  const t = useText();
  const { at, kind } = aboutLine(event);
  return (
    <button
      type="button"
      className={`line line-${kind}`}
      data-kind={event.kind}
      data-ok={event.kind === 'check' ? event.check.ok : undefined}
      onClick={() => onGo(at)}
    >
      <span className="line-time mono">{(event.time / 1e9).toFixed(6)}</span>
      <span className="line-mark">{event.kind === 'check' && <Icon name={event.check.ok ? 'check' : 'cross'} size={13} />}</span>
      <span className="line-text">
        {event.kind === 'log' && event.text}
        {event.kind === 'call' && (
          <>
            <span className="line-process">{event.process}</span> <code>{event.call}</code> <span className="faint">→</span>{' '}
            <code>{event.result}</code>
          </>
        )}
        {event.kind === 'question' && event.prediction.question}
        {event.kind === 'prediction' && (
          <>
            {event.prediction.question}
            <span className="line-why">
              <span>
                {t('prediction.answer')} <code>{event.prediction.answer ?? t('prediction.none')}</code>
              </span>
              <span>
                {t('prediction.actual')} <code>{event.prediction.actual}</code>
              </span>
            </span>
          </>
        )}
        {event.kind === 'check' && (
          <>
            {event.check.description}
            {!event.check.ok && <BothSides check={event.check} />}
          </>
        )}
      </span>
      {at && <span className="line-at mono">:{at.line}</span>}
    </button>
  );
}
