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
}

export const selectionStore = createStore<Selection>(() => ({
  session: undefined,
  connection: undefined,
  packet: undefined,
  cursor: undefined,
}));

export function selectSession(session: SessionId | undefined): void {
  if (selectionStore.getState().session === session) return;
  selectionStore.setState({ session, connection: undefined, packet: undefined, cursor: undefined });
}

export function selectConnection(connection: number | undefined): void {
  if (selectionStore.getState().connection === connection) return;
  selectionStore.setState({ connection, packet: undefined });
}

/** `at` moves the time cursor to the packet, in seconds since the session's first packet. */
export const selectPacket = (connection: number, packet: number, at: number): void =>
  selectionStore.setState({ connection, packet, cursor: at });

export const moveCursor = (cursor: number | undefined): void =>
  selectionStore.setState(cursor === undefined ? { cursor, packet: undefined } : { cursor });
