import type { Endpoint } from '../../preload/contract.ts';

/** `127.0.0.1:9502`, `[::1]:9502`. */
export const formatEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Characters at the end of an endpoint that tell it from others of its network: the last of its address, and the port. */
export const ENDPOINT_TAIL = 13;

/** A text of at most so many characters: its middle gives way. */
export const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, Math.max(1, most - ENDPOINT_TAIL - 1))}…${text.slice(-ENDPOINT_TAIL)}`;
