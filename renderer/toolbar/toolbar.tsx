import { FilterBar } from '../filter/filter-bar.tsx';
import { CaptureControls } from './capture-controls.tsx';
import { Counters, SessionFailure } from './counters.tsx';
import { EngineControls } from './engine-controls.tsx';
import { SessionTabs } from './session-tabs.tsx';
import { ViewControls } from './view-controls.tsx';

/** Three rows: what to do, what there is to look at, and which part of it; below, why a session ended that nobody ended. */
export function Toolbar() {
  return (
    <header className="toolbar">
      <div className="toolbar-row">
        <Brand />
        <CaptureControls />
        <span className="spacer" />
        <EngineControls />
      </div>
      <div className="toolbar-row toolbar-second">
        <SessionTabs />
        <span className="spacer" />
        <ViewControls />
      </div>
      <div className="toolbar-row toolbar-filter">
        <FilterBar />
        <Counters />
      </div>
      <SessionFailure />
    </header>
  );
}

/** Two ends and the segments between them. */
function Brand() {
  return (
    <h1 className="brand">
      <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
        <path d="M5 3v18M19 3v18" />
        <path className="brand-there" d="M5 7l14 4" />
        <path className="brand-back" d="M19 13 5 17" />
      </svg>
      <span>TCP Workbench</span>
    </h1>
  );
}
