// biome-ignore-all lint/a11y/useSemanticElements: a list box of the pattern for combo boxes is not a select
// biome-ignore-all lint/a11y/useFocusableInteractive: the field keeps the focus and the keys, and names the option in hand
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { FilterCompletion } from '../../preload/contract.ts';
import { formatCount } from '../format/numbers.ts';
import { useText } from '../i18n/text.ts';
import { applyFilter, filterStore, isThrough, writeFilter } from '../stores/filter.ts';
import { useActions } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';
import { FILTER_FIELD } from './focus.ts';
import './filter.css';

/** What is offered below the field: completions of the word at the cursor, or the filters used lately. */
type Offer = { readonly text: string; readonly about: string; readonly kind: FilterCompletion['kind'] | 'recent' };

/** A display filter as Wireshark has it: green while it can be used, red with the reason while it cannot. */
export function FilterBar() {
  const t = useText();
  const actions = useActions();
  const state = useStore(filterStore);
  const { draft, reading, applied, recent } = state;
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const list = useId();
  const message = useId();
  const current = reading?.text === draft ? reading : undefined;
  const fault = draft === '' ? undefined : current?.fault;
  const offers: readonly Offer[] =
    draft === '' ? recent.map((text): Offer => ({ text, about: '', kind: 'recent' })) : open ? (current?.completions ?? []) : [];
  const shown = open && offers.length > 0;

  const read = (text: string): void => {
    writeFilter(text);
    setChosen(-1);
    void actions.readFilter(text, input.current?.selectionStart ?? text.length);
  };
  const take = (offer: Offer): void => {
    if (offer.kind === 'recent') {
      read(offer.text);
      apply(offer.text);
      return;
    }
    const { from, to } = current ?? { from: draft.length, to: draft.length };
    const space = offer.kind === 'function' || offer.text.endsWith('{') ? '' : ' ';
    const rest = draft.slice(to);
    const text = `${draft.slice(0, from)}${offer.text}${rest.startsWith(' ') ? '' : space}${rest}`;
    const cursor = from + offer.text.length + (offer.kind === 'function' || offer.text.endsWith('{') ? 0 : 1);
    writeFilter(text);
    setChosen(-1);
    // The field has the new text only after the next paint.
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(cursor, cursor);
      void actions.readFilter(text, cursor);
    });
  };
  const apply = (text: string): void => {
    applyFilter(text);
    setOpen(false);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!shown) setOpen(true);
      else setChosen((at) => (at + (event.key === 'ArrowDown' ? 1 : -1) + offers.length + (at < 0 ? 1 : 0)) % Math.max(1, offers.length));
    } else if (event.key === 'Escape') {
      setOpen(false);
      setChosen(-1);
    } else if (
      (event.key === 'Tab' || event.key === 'Enter') &&
      shown &&
      (chosen >= 0 || (event.key === 'Tab' && !event.shiftKey && draft !== ''))
    ) {
      event.preventDefault();
      take(offers[Math.max(0, chosen)]!);
    }
  };

  return (
    <form
      className="filter-form"
      aria-label={t('filter.label')}
      onSubmit={(event) => {
        event.preventDefault();
        if (!fault) apply(draft);
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <div className="filter-root">
        <input
          id={FILTER_FIELD}
          ref={input}
          className={`field filter-field ${draft === '' ? '' : fault ? 'filter-bad' : current ? 'filter-good' : ''}`}
          type="text"
          role="combobox"
          spellCheck={false}
          autoComplete="off"
          value={draft}
          placeholder={t('filter.hint')}
          aria-label={t('filter.label')}
          aria-invalid={fault !== undefined}
          aria-expanded={shown}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `${list}-${chosen}` : undefined}
          aria-describedby={fault ? message : undefined}
          onChange={(event) => {
            read(event.target.value);
            setOpen(true);
          }}
          onKeyDown={onKey}
          onClick={() => draft === '' && setOpen(true)}
        />
        {(shown || (fault && open)) && (
          <div className="popover popover-left filter-box">
            {fault && (
              <div className="filter-fault" id={message} role="status">
                <p>{t('filter.fault', { line: fault.line, column: fault.column, message: fault.message })}</p>
                <pre aria-hidden="true">{caret(draft, fault.at, fault.end)}</pre>
              </div>
            )}
            <div className="filter-offers" id={list} role="listbox" aria-label={t(draft === '' ? 'filter.recent' : 'filter.offers')}>
              {offers.map((offer, i) => (
                <OfferView
                  key={`${offer.kind} ${offer.text}`}
                  id={`${list}-${i}`}
                  offer={offer}
                  on={i === chosen}
                  onTake={() => take(offer)}
                />
              ))}
            </div>
          </div>
        )}
      </div>
      <button type="submit" className="button" disabled={fault !== undefined || draft.trim() === applied}>
        {t('filter.apply')}
      </button>
      <button
        type="button"
        className="button button-quiet button-icon"
        aria-label={t('filter.clear')}
        title={t('filter.clear')}
        disabled={draft === '' && applied === ''}
        onClick={() => {
          apply('');
          input.current?.focus();
        }}
      >
        <Icon name="close" />
      </button>
      <Passing />
    </form>
  );
}

/** The text with its fault marked below, shortened where it is long. */
function caret(text: string, at: number, end: number): string {
  const from = Math.max(0, at - 40);
  const shown = text.slice(from, from + 90).replaceAll(/\s/g, ' ');
  return `${shown}\n${' '.repeat(at - from)}^${'~'.repeat(Math.max(0, Math.min(end - at, 90 - (at - from)) - 1))}`;
}

interface OfferViewProps {
  readonly id: string;
  readonly offer: Offer;
  readonly on: boolean;
  readonly onTake: () => void;
}

function OfferView({ id, offer, on, onTake }: OfferViewProps) {
  const item = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (on) item.current?.scrollIntoView({ block: 'nearest' });
  }, [on]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      ref={item}
      id={id}
      role="option"
      aria-selected={on}
      className={`filter-offer filter-${offer.kind}`}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onTake}
    >
      <code>{offer.text}</code>
      <span className="hint">{offer.about}</span>
    </div>
  );
}

/** What the filter in force lets pass, or how far it has come. */
function Passing() {
  const t = useText();
  const state = useStore(filterStore);
  const { applied, progress, error } = state;
  if (applied === '') return null;
  if (error)
    return (
      <span className="hint filter-error" role="alert">
        {error.message.split('\n')[0]}
      </span>
    );
  if (!progress) return <span className="hint">{t('filter.working', { percent: 0 })}</span>;
  if (!isThrough(state))
    return (
      <span className="hint">{t('filter.working', { percent: Math.floor((100 * progress.scanned) / Math.max(1, progress.total)) })}</span>
    );
  return (
    <span className="hint filter-passing" role="status">
      {t('filter.passing', {
        segments: formatCount(progress.segments),
        total: formatCount(progress.total),
        found: formatCount(progress.found),
      })}
    </span>
  );
}
