import { useEffect, useState } from 'react';
import type { SaidPiece } from '../../preload/contract.ts';
import { formatCount } from '../format/numbers.ts';
import { useText } from '../i18n/text.ts';
import type { Side } from '../side.ts';
import { selectConnection } from '../stores/selection.ts';
import { useActions, useConnectionTable, useSelectedConnection, useSelection } from '../stores/use.ts';
import { download } from '../ui/download.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { useSlowly } from '../ui/use-slowly.ts';
import { asHex, asText, type Turn, turnsOf } from './said.ts';
import './follow.css';

/** Octets asked for at a time to be looked at, and to be saved. */
const PAGE = 128 * 1024;
const SAVE_PAGE = 4 * 1024 * 1024;

type Who = Side | 'both';
const WHO: readonly Who[] = ['both', 'client', 'server'];

interface Heard {
  readonly pieces: readonly SaidPiece[];
  readonly more: boolean;
}

/** Both ends' payload in order, in two colours, as text or as octets. */
export function FollowPanel() {
  const t = useText();
  const actions = useActions();
  const table = useConnectionTable();
  const record = useSelectedConnection();
  const session = useSelection((s) => s.session);
  const connection = useSelection((s) => s.connection);
  const [pages, setPages] = useState(1);
  const [heard, setHeard] = useState<Heard>();
  const [shape, setShape] = useState<'text' | 'hex'>('text');
  const [who, setWho] = useState<Who>('both');
  const sent = useSlowly(record ? record.bytes.client + record.bytes.server : 0, 500);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another connection begins at its first page
  useEffect(() => {
    setPages(1);
    setHeard(undefined);
  }, [session, connection]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was sent since is heard too
  useEffect(() => {
    if (session === undefined || connection === undefined) return;
    let wanted = true;
    void actions.follow({ session, connection, skip: 0, most: pages * PAGE }).then((found) => {
      if (wanted && found) setHeard(found);
    });
    return () => {
      wanted = false;
    };
  }, [actions, session, connection, pages, sent]);

  if (!record || session === undefined || connection === undefined)
    return (
      <EmptyState
        icon="book"
        title={t('follow.emptyTitle')}
        {...(table && table.held > 0 ? { action: { label: t('select.first'), run: () => selectConnection(0) } } : {})}
      >
        {t('follow.empty')}
      </EmptyState>
    );

  const turns = turnsOf(heard?.pieces ?? []).filter(({ from }) => who === 'both' || from === who);

  /** All of it, however long, page by page. */
  const save = async (): Promise<void> => {
    const parts: Uint8Array[] = [];
    for (let skip = 0, more = true; more; skip += SAVE_PAGE) {
      const page = await actions.follow({ session, connection, skip, most: SAVE_PAGE });
      if (!page) return;
      for (const piece of page.pieces) if (piece.kind === 'octets' && (who === 'both' || piece.from === who)) parts.push(piece.octets);
      more = page.more;
    }
    download(`connection-${connection}-${who}.bin`, parts as Uint8Array<ArrayBuffer>[]);
  };

  return (
    <>
      <div className="panel-bar">
        <fieldset className="group group-tight follow-choice" aria-label={t('follow.who')}>
          {WHO.map((one) => (
            <button
              type="button"
              key={one}
              className={`button button-small follow-${one}`}
              aria-pressed={who === one}
              onClick={() => setWho(one)}
            >
              {one === 'both' ? t('follow.both') : t(`side.${one}`)}
            </button>
          ))}
        </fieldset>
        <fieldset className="group group-tight follow-choice" aria-label={t('follow.shape')}>
          {(['text', 'hex'] as const).map((one) => (
            <button type="button" key={one} className="button button-small" aria-pressed={shape === one} onClick={() => setShape(one)}>
              {t(`follow.${one}`)}
            </button>
          ))}
        </fieldset>
        <span className="hint">
          {t('follow.octets', { client: formatCount(record.bytes.client), server: formatCount(record.bytes.server) })}
        </span>
        <span className="spacer" />
        <button
          type="button"
          className="button button-small"
          title={t('follow.saveHelp')}
          disabled={turns.length === 0}
          onClick={() => void save()}
        >
          <Icon name="down" size={14} /> {t('follow.save')}
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="follow" aria-label={t('follow.said')} tabIndex={0}>
        {heard && turns.length === 0 && <p className="follow-silent hint">{t(who === 'both' ? 'follow.silent' : 'follow.silentSide')}</p>}
        {turns.map((turn) => (
          <TurnView key={`${turn.from} ${turn.offset} ${turn.kind}`} turn={turn} shape={shape} />
        ))}
        {heard?.more && (
          <button type="button" className="button follow-more" onClick={() => setPages(pages * 2)}>
            {t('follow.more')}
          </button>
        )}
      </section>
    </>
  );
}

function TurnView({ turn, shape }: { readonly turn: Turn; readonly shape: 'text' | 'hex' }) {
  const t = useText();
  const { kind, from, frame, octets, offset, count } = turn;
  return (
    <div className={`follow-turn follow-turn-${from}`} data-from={from}>
      <span className="follow-who">
        {t(`side.${from}`)} <span className="faint mono">#{frame}</span>
      </span>
      {kind === 'missing' ? (
        <p className="follow-missing">{t('follow.missing', { count: formatCount(count) })}</p>
      ) : (
        <pre>{shape === 'hex' ? asHex(octets, offset) : asText(octets)}</pre>
      )}
    </div>
  );
}
