import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'dockview-react/dist/styles/dockview.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/window.css';
import './styles/overlays.css';
import './styles/dock.css';
import './styles/panel.css';
import './styles/grid.css';
import { App } from './app/app.tsx';
import { openClient } from './client.ts';
import { setLabTypes } from './editor/lab-types.ts';
import { connectStores } from './stores/actions.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const actions = connectStores(openClient(), setLabTypes);
createRoot(root).render(
  <StrictMode>
    <App actions={actions} />
  </StrictMode>,
);
