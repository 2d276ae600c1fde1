import { useStore } from 'zustand';
import { useWindow } from '../app/window-actions.ts';
import { useText } from '../i18n/text.ts';
import { engineStore } from '../stores/engine.ts';
import { chooseInterface, interfacesStore } from '../stores/interfaces.ts';
import { selectSession } from '../stores/selection.ts';
import { useActions } from '../stores/use.ts';
import { Fix } from '../toolbar/interface-picker.tsx';
import { Icon } from '../ui/icon.tsx';
import { LeftCaptures } from './left-captures.tsx';
import './start.css';

/** What a person sees first: what runs already, and the three ways on. */
export function StartPanel() {
  const t = useText();
  const window = useWindow();
  return (
    <div className="start">
      <h2>{t('start.title')}</h2>
      <p className="start-lead">{t('start.lead')}</p>
      <LeftCaptures />
      <div className="cards">
        <EngineCard />
        <CaptureCard />
        <div className="card">
          <h3>
            <Icon name="book" /> {t('start.lessonTitle')}
          </h3>
          <p>{t('start.lesson')}</p>
          <button type="button" className="button" onClick={() => window.preset('lesson')}>
            {t('start.lessonButton')}
          </button>
        </div>
      </div>
    </div>
  );
}

function EngineCard() {
  const t = useText();
  const window = useWindow();
  const actions = useActions();
  const session = useStore(engineStore, (s) => s.view?.session);
  const running = useStore(engineStore, (s) => s.view?.running ?? false);
  return (
    <div className="card">
      <h3>
        <Icon name="play" /> {t('start.engineTitle')}
      </h3>
      <p>{t(running ? 'start.engine' : 'start.enginePaused')}</p>
      <button
        type="button"
        className="button button-primary"
        disabled={session === undefined}
        onClick={() => {
          if (session !== undefined) selectSession(session);
          if (!running) void actions.engine('play');
          window.show('timeline');
        }}
      >
        {t('start.engineButton')}
      </button>
    </div>
  );
}

/** Capture: ready to go, or what is missing and how to get it. */
function CaptureCard() {
  const t = useText();
  const window = useWindow();
  const actions = useActions();
  const { interfaces, error, chosen } = useStore(interfacesStore);
  const allowed = interfaces.filter((i) => i.capture.allowed);
  const refused = interfaces.find((i) => !i.capture.allowed && i.capture.fix);
  const target = interfaces.find((i) => i.name === chosen && i.capture.allowed) ?? allowed[0];
  return (
    <div className="card">
      <h3>
        <Icon name="record" /> {t('start.captureTitle')}
      </h3>
      {(allowed.length > 0 || !(error || refused)) && (
        <p>
          {allowed.length > 0
            ? t('start.capture', {
                names: allowed
                  .slice(0, 4)
                  .map((i) => i.name)
                  .join(', '),
              })
            : t('start.captureRefused')}
        </p>
      )}
      {allowed.length === 0 && error && (
        <>
          <p className="warning">{error.message}</p>
          {error.help && <Fix text={error.help} />}
        </>
      )}
      {allowed.length === 0 && refused?.capture.fix && (
        <>
          <p className="warning">{refused.capture.why}</p>
          <Fix text={refused.capture.fix} />
        </>
      )}
      {target ? (
        <button
          type="button"
          className="button"
          onClick={() => {
            chooseInterface(target.name);
            void actions.startCapture();
            window.show('timeline');
          }}
        >
          {t('start.captureButton', { name: target.name })}
        </button>
      ) : (
        <button type="button" className="button" onClick={() => void actions.refreshInterfaces()}>
          {t('interfaces.refresh')}
        </button>
      )}
    </div>
  );
}
