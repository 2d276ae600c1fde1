import { createStore } from 'zustand/vanilla';
import type { SessionId } from '../../preload/contract.ts';

/**
 * The one selection and the one time cursor that every panel shares. Picking a connection lets go of the packet; picking
 * a session lets go of both, and of the cursor, whose time belongs to the session.
 */
export interface Selection {
  readonly session: SessionId | undefined;
  readonly connection: number | undefined;
  /** 1-based frame number. */
  readonly packet: number | undefined;
  /** Seconds since the session's first packet; undefined means now. */
  readonly cursor: number | undefined;
  /** Nobody has chosen a connection in this session yet: the window shows one that is alive. */
  readonly automatic: boolean;
}

export const selectionStore = createStore<Selection>(() => ({
  session: undefined,
  connection: undefined,
  packet: undefined,
  cursor: undefined,
  automatic: true,
}));

export function selectSession(session: SessionId | undefined): void {
  if (selectionStore.getState().session === session) return;
  selectionStore.setState({ session, connection: undefined, packet: undefined, cursor: undefined, automatic: true });
}

export function selectConnection(connection: number | undefined): void {
  if (selectionStore.getState().connection === connection) {
    selectionStore.setState({ automatic: false });
    return;
  }
  selectionStore.setState({ connection, packet: undefined, automatic: false });
}

/** The window's own choice, which gives way to a person's. */
export function suggestConnection(connection: number): void {
  const { automatic, connection: shown } = selectionStore.getState();
  if (automatic && shown !== connection) selectionStore.setState({ connection, packet: undefined });
}

/** `at` moves the time cursor to the packet, in seconds since the session's first packet. */
export const selectPacket = (connection: number, packet: number, at: number): void =>
  selectionStore.setState({ connection, packet, cursor: at, automatic: false });

/** A packet whose moment is not known here: the time cursor stays. */
export const pointAt = (connection: number, packet: number): void => selectionStore.setState({ connection, packet, automatic: false });

export const moveCursor = (cursor: number | undefined): void =>
  selectionStore.setState(cursor === undefined ? { cursor, packet: undefined } : { cursor, automatic: false });
