import { useStore } from 'zustand';
import type { InterfaceInfo } from '../../preload/contract.ts';
import { useText } from '../i18n/text.ts';
import { chooseInterface, interfacesStore } from '../stores/interfaces.ts';
import { useActions } from '../stores/use.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Popover } from '../ui/popover.tsx';
import { RemoteMachine } from './remote-machine.tsx';

export function InterfacePicker() {
  const t = useText();
  const actions = useActions();
  const { interfaces, error, chosen, remote } = useStore(interfacesStore);
  const current = interfaces.find((i) => i.name === chosen);

  return (
    <Popover
      label={t('interfaces.pick')}
      className="button picker"
      button={
        <>
          {remote ? (
            <Icon name="screen" size={14} />
          ) : (
            <span className={`dot ${current ? dotOf(current) : 'dot-off'}`} aria-hidden="true" />
          )}
          <span className="picker-name">{remote ? `${remote.host}:${remote.interface}` : (current?.name ?? t('interfaces.none'))}</span>
          <Icon name="chevron" size={14} />
        </>
      }
    >
      {(close) => (
        <div className="interfaces">
          <header>
            <strong>{t('interfaces.title')}</strong>
            <button type="button" className="button button-quiet button-small" onClick={() => void actions.refreshInterfaces()}>
              <Icon name="restart" size={14} /> {t('interfaces.refresh')}
            </button>
          </header>
          {error && (
            <div className="explain" role="alert">
              <p>{error.message}</p>
              {error.help && <Fix text={error.help} />}
            </div>
          )}
          <ul aria-label={t('interfaces.title')}>
            {interfaces.map((info) => (
              <li key={info.name}>
                <button
                  type="button"
                  className="interface"
                  aria-pressed={!remote && info.name === chosen}
                  onClick={() => {
                    chooseInterface(info.name);
                    if (info.capture.allowed) close();
                  }}
                >
                  <span className={`dot ${dotOf(info)}`} aria-hidden="true" />
                  <span className="interface-name">{info.name}</span>
                  <span className="interface-about">{[stateOf(info, t), info.linkType, info.description].filter(Boolean).join(' · ')}</span>
                  <span className="interface-addresses">{info.addresses.join('  ')}</span>
                </button>
                {!info.capture.allowed && (
                  <div className="explain">
                    <p>{info.capture.why ?? t('interfaces.refused')}</p>
                    {info.capture.fix && <Fix text={info.capture.fix} />}
                  </div>
                )}
              </li>
            ))}
          </ul>
          <RemoteMachine onChosen={close} />
        </div>
      )}
    </Popover>
  );
}

/** What would allow it, ready to be pasted into a terminal. */
export function Fix({ text }: { readonly text: string }) {
  return (
    <div className="fix">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

const dotOf = (info: InterfaceInfo): string => (!info.capture.allowed ? 'dot-refused' : info.up && info.running ? 'dot-on' : 'dot-off');

function stateOf(info: InterfaceInfo, t: ReturnType<typeof useText>): string {
  const kind = info.loopback ? `${t('interfaces.loopback')}, ` : info.wireless ? `${t('interfaces.wireless')}, ` : '';
  return kind + t(info.up ? (info.running ? 'interfaces.up' : 'interfaces.noCarrier') : 'interfaces.down');
}
