import { useStore } from 'zustand';
import { PRESETS } from '../app/layout.ts';
import { PANELS, panelTitle } from '../app/panels.ts';
import { useWindow } from '../app/window-actions.ts';
import { useText } from '../i18n/text.ts';
import { setLanguage, setTheme, settingsStore, type ThemeChoice } from '../stores/settings.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Popover } from '../ui/popover.tsx';

const THEMES: readonly (readonly [ThemeChoice, IconName])[] = [
  ['system', 'screen'],
  ['light', 'sun'],
  ['dark', 'moon'],
];

/** Arrangements, panels, theme, language, legend. */
export function ViewControls() {
  const t = useText();
  const window = useWindow();
  const language = useStore(settingsStore, (s) => s.language);
  return (
    <div className="group group-tight">
      <ViewMenu />
      <ThemeButton />
      <button
        type="button"
        className="button button-quiet button-icon"
        aria-label={t('language')}
        title={t('language')}
        onClick={() => setLanguage(language === 'en' ? 'zh' : 'en')}
      >
        <Icon name="globe" />
      </button>
      <button
        type="button"
        className="button button-quiet button-icon"
        aria-label={t('legend.open')}
        title={`${t('legend.open')} (?)`}
        onClick={window.toggleLegend}
      >
        <Icon name="help" />
      </button>
    </div>
  );
}

function ViewMenu() {
  const t = useText();
  const window = useWindow();
  return (
    <Popover
      label={t('view.menu')}
      className="button button-quiet"
      align="right"
      button={
        <>
          <Icon name="layout" /> {t('view.menu')}
        </>
      }
    >
      {(close) => (
        <div className="menu" role="menu" aria-label={t('view.menu')}>
          <p className="menu-title">{t('view.presets')}</p>
          {PRESETS.map((preset, i) => (
            <button
              type="button"
              key={preset}
              role="menuitem"
              onClick={() => {
                window.preset(preset);
                close();
              }}
            >
              <span className="menu-mark" />
              {t(`preset.${preset}`)}
              <kbd>Alt+{i + 1}</kbd>
            </button>
          ))}
          <p className="menu-title">{t('view.panels')}</p>
          {PANELS.map((panel) => (
            <button
              type="button"
              key={panel}
              role="menuitemcheckbox"
              aria-checked={window.isOpen(panel)}
              onClick={() => {
                window.toggle(panel);
                close();
              }}
            >
              <span className="menu-mark">{window.isOpen(panel) && <Icon name="check" size={14} />}</span>
              {t(panelTitle(panel))}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}

/** One button that goes round: system, light, dark. */
function ThemeButton() {
  const t = useText();
  const theme = useStore(settingsStore, (s) => s.theme);
  const at = THEMES.findIndex(([choice]) => choice === theme);
  const [, icon] = THEMES[at] ?? THEMES[0]!;
  const [next] = THEMES[(at + 1) % THEMES.length]!;
  const label = `${t('theme')}: ${t(`theme.${theme}`)}`;
  return (
    <button type="button" className="button button-quiet button-icon" aria-label={label} title={label} onClick={() => setTheme(next)}>
      <Icon name={icon} />
    </button>
  );
}
