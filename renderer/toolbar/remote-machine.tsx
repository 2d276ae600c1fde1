import { type KeyboardEvent, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { interfacesStore } from '../stores/interfaces.ts';

/** Another machine's interface, reached through ssh. It stands within the form of the capture, so Enter chooses and starts nothing. */
export function RemoteMachine({ onChosen }: { readonly onChosen: () => void }) {
  const t = useText();
  const { remote } = interfacesStore.getState();
  const [host, setHost] = useState(remote?.host ?? '');
  const [name, setName] = useState(remote?.interface ?? 'any');
  const isWhole = /^[^\s-]\S*$/.test(host) && /^[^\s/]+$/.test(name);
  const choose = (): void => {
    if (!isWhole) return;
    interfacesStore.setState({ remote: { host, interface: name } });
    onChosen();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    choose();
  };
  return (
    <details className="remote" open={remote !== undefined}>
      <summary>{t('remote.title')}</summary>
      <div className="remote-fields">
        <input
          className="field"
          aria-label={t('remote.host')}
          placeholder="user@host"
          maxLength={255}
          spellCheck={false}
          autoCapitalize="off"
          value={host}
          onChange={(event) => setHost(event.target.value.trim())}
          onKeyDown={onKeyDown}
        />
        <input
          className="field remote-interface"
          aria-label={t('remote.interface')}
          maxLength={64}
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value.trim())}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="button button-small" disabled={!isWhole} onClick={choose}>
          {t('remote.choose')}
        </button>
      </div>
      <p className="hint">{t('remote.help')}</p>
    </details>
  );
}
