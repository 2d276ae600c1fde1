import { join } from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, protocol, type WebContents } from 'electron';
import { isRequestName, isStreamName, Refusal, STREAM_NAMES, Workbench } from '../workbench/index.ts';
import { windowFile } from './window-files.ts';

/**
 * The desktop door. It stays so small that reading it is a review: a window without Node, one channel for requests, one for
 * streams. Everything behind it is the same Workbench that the served door and the terminal use.
 */
const window = join(import.meta.dirname, '..', 'renderer');
const preload = join(import.meta.dirname, '..', 'preload', 'index.cjs');

// An origin of the window's own: pages from file: have none, and could not start the editor's workers.
protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);

const workbench = new Workbench({ version: app.getVersion() });
const open = new Set<WebContents>();

ipcMain.handle('lab:request', (event, name: unknown, input: unknown) => {
  if (!open.has(event.sender) || event.senderFrame !== event.sender.mainFrame) throw new Refusal('not a window of the Workbench');
  if (!isRequestName(name)) throw new Refusal('there is no request of that name');
  return workbench.handle(name, input);
});

for (const stream of Object.keys(STREAM_NAMES).filter(isStreamName))
  workbench.subscribe(stream, (message) => {
    for (const contents of open) contents.send('lab:stream', stream, message);
  });

function openWindow(): void {
  const shown = new BrowserWindow({
    width: 1440,
    height: 900,
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true },
  });
  const { webContents } = shown;
  open.add(webContents);
  webContents.on('destroyed', () => open.delete(webContents));
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  webContents.on('will-navigate', (event) => event.preventDefault());
  void shown.loadURL('app://workbench/');
}

void app.whenReady().then(() => {
  protocol.handle('app', async (request) => {
    const file = await windowFile(window, new URL(request.url));
    return file ? new Response(file.octets, { headers: file.headers }) : new Response(null, { status: 404 });
  });
  for (const path of process.argv.slice(app.isPackaged ? 1 : 2).filter((argument) => !argument.startsWith('-')))
    void workbench.open(path).then((opened) => opened.ok || dialog.showErrorBox('TCP Workbench', opened.error.message));
  openWindow();
});
app.on('activate', () => {
  if (open.size === 0) openWindow();
});
app.on('window-all-closed', () => app.quit());

let closing = false;
app.on('before-quit', (event) => {
  if (closing) return;
  closing = true;
  event.preventDefault();
  void workbench.close().finally(() => app.quit());
});
