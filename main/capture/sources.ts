import { err, ok, type Result } from '../wire/result.ts';
import { capSource } from './cap-source.ts';
import type { CaptureError } from './capture-error.ts';
import type { CaptureHandle, CaptureSink, CaptureSource, LocalBackend, OpenOptions } from './capture-source.ts';
import { dumpcapSource } from './dumpcap.ts';
import { helperSource, NO_HELPER } from './helper.ts';
import { type CapturePlaces, findCapChild, findDumpcap, findHelper } from './places.ts';

const MISSING: Readonly<Record<LocalBackend, CaptureError>> = {
  helper: NO_HELPER,
  dumpcap: { kind: 'no-backend', message: 'dumpcap is not installed.', help: 'sudo apt-get install wireshark-common' },
  cap: { kind: 'no-backend', message: 'The program around the package "cap" is not built.', help: 'npm start builds it' },
};

/** The sources this machine has, the best first: our helper counts every drop; dumpcap does at the end; cap never. */
export function captureSources(places: CapturePlaces = {}): readonly CaptureSource[] {
  const helper = findHelper(places);
  const dumpcap = findDumpcap(places);
  const capChild = findCapChild(places);
  return [
    ...(helper ? [helperSource(helper)] : []),
    ...(dumpcap ? [dumpcapSource(dumpcap)] : []),
    ...(capChild ? [capSource(capChild)] : []),
  ];
}

/** The source of that name, or why there is none. */
export function captureSource(backend: LocalBackend, places: CapturePlaces = {}): Result<CaptureSource, CaptureError> {
  const found = captureSources(places).find((source) => source.backend === backend);
  return found ? ok(found) : err(MISSING[backend]);
}

/**
 * Opens the best source that this user may use; `handle.backend` names it. Only a lack of permission makes it try the
 * next one: whatever else is wrong would be wrong there too. If none may, the first one's reason is the one to tell.
 */
export async function openCapture(
  options: OpenOptions,
  sink: CaptureSink,
  places: CapturePlaces = {},
): Promise<Result<CaptureHandle, CaptureError>> {
  let first: CaptureError | undefined;
  for (const source of captureSources(places)) {
    const opened = await source.open(options, sink);
    if (opened.ok || (opened.error.kind !== 'no-permission' && opened.error.kind !== 'no-backend')) return opened;
    first ??= opened.error;
  }
  return err(first ?? MISSING.helper);
}
