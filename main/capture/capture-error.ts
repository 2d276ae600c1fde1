/**
 * Every way a capture, live or saved, can fail. The first seven are the capture helper's own
 * (`native/capture/src/failure.h`).
 */
export type CaptureErrorKind =
  | 'internal'
  | 'usage'
  | 'no-such-interface'
  | 'no-permission'
  | 'interface-down'
  | 'bad-filter'
  | 'interface-lost'
  /** The program that should capture is not there or cannot be started. */
  | 'no-backend'
  /** The capturing program was ended by a signal that we did not send. */
  | 'killed'
  /** The file cannot be read (or written) at all. */
  | 'unreadable'
  /** The octets are neither pcap nor pcapng. */
  | 'not-a-capture'
  /** A capture, but damaged before its first frame. */
  | 'damaged'
  | 'cancelled';

export interface CaptureError {
  readonly kind: CaptureErrorKind;
  readonly message: string;
  /** What to do about it, where that is known: a command or an advice. */
  readonly help?: string;
}

const SPOKEN_KINDS: ReadonlySet<string> = new Set<CaptureErrorKind>([
  'internal',
  'usage',
  'no-such-interface',
  'no-permission',
  'interface-down',
  'bad-filter',
  'interface-lost',
  'no-backend',
]);

/** Finds the last error line that the helper (or the `cap` child, which speaks alike) left on standard error. */
export function parseErrorLine(stderr: string): CaptureError | undefined {
  for (const line of stderr.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    try {
      const { error, message, help } = JSON.parse(line) as Record<string, unknown>;
      if (typeof error !== 'string' || !SPOKEN_KINDS.has(error) || typeof message !== 'string') continue;
      return { kind: error as CaptureErrorKind, message, ...(typeof help === 'string' && { help }) };
    } catch {
      // not ours: a warning of some library that happens to begin with a brace
    }
  }
  return undefined;
}

const CODES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not open it',
  EPERM: 'this user may not open it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of its path is not a folder',
  ENOSPC: 'the disk is full',
};

/** A file system error in the words of a person. */
export function fileError(doing: 'read' | 'write', path: string, cause: unknown): CaptureError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return { kind: 'unreadable', message: `Cannot ${doing} ${path}: ${CODES[code ?? ''] ?? message ?? String(cause)}.` };
}
