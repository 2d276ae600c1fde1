import { useEffect, useState } from 'react';
import type { PacketView } from '../../preload/contract.ts';
import { asHex } from '../follow/said.ts';
import { formatCount } from '../format/numbers.ts';
import { useText } from '../i18n/text.ts';
import { applyFilter } from '../stores/filter.ts';
import { useActions, useSelection } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import './packet.css';

/** More octets of one packet are not laid out; no link carries a larger one, and offload makes few. */
const MOST = 64 * 1024;

/** Packets named one by one; beyond, the first and the last. */
const MOST_NAMED = 8;
const listed = (frames: readonly number[]): string =>
  (frames.length > MOST_NAMED ? [...frames.slice(0, MOST_NAMED - 1), '…', frames.at(-1)] : frames).join(', ');

/** The selected packet: every field it has, each ready to be a display filter, and its octets. */
export function PacketPanel() {
  const t = useText();
  const actions = useActions();
  const session = useSelection((s) => s.session);
  const frame = useSelection((s) => s.packet);
  const [shown, setShown] = useState<PacketView | 'unreadable'>();

  useEffect(() => {
    setShown(undefined);
    if (session === undefined || frame === undefined) return;
    let wanted = true;
    void actions.packet({ session, frame }).then((packet) => {
      if (wanted) setShown(packet ?? 'unreadable');
    });
    return () => {
      wanted = false;
    };
  }, [actions, session, frame]);

  if (frame === undefined)
    return (
      <EmptyState icon="table" title={t('packet.emptyTitle')}>
        {t('packet.empty')}
      </EmptyState>
    );
  if (!shown) return <p className="loading">{t('loading')}</p>;
  if (shown === 'unreadable')
    return (
      <EmptyState icon="warn" title={t('packet.unreadable', { frame })}>
        {t('packet.unreadableHelp')}
      </EmptyState>
    );
  const { octets, original, fields, reassembled } = shown;
  return (
    <>
      <div className="panel-bar">
        <span className="hint">
          {t('packet.title', { frame: shown.frame, captured: formatCount(octets.length), original: formatCount(original) })}
        </span>
      </div>
      <div className="packet">
        <section className="packet-fields" aria-label={t('packet.fields')}>
          <table>
            <tbody>
              {fields.map(({ name, title, value, filter }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a field may stand there twice with one value, and the list is not reordered
                <tr key={`${i} ${name}`}>
                  <th scope="row" title={title}>
                    {filter === undefined ? (
                      name
                    ) : (
                      <button type="button" className="link" title={`${t('packet.filter')}: ${filter}`} onClick={() => applyFilter(filter)}>
                        {name}
                      </button>
                    )}
                  </th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <section className="packet-octets" aria-label={t('packet.octets')} tabIndex={0}>
          <pre>{asHex(octets.subarray(0, MOST), 0)}</pre>
          {reassembled.map((whole) => (
            <figure key={whole.frames.join()}>
              <figcaption>{t('packet.reassembled', { frames: listed(whole.frames), octets: formatCount(whole.octets.length) })}</figcaption>
              <pre>{asHex(whole.octets, 0)}</pre>
            </figure>
          ))}
        </section>
      </div>
    </>
  );
}
