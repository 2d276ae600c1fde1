import type { Endpoint } from '../../preload/contract.ts';

/** `127.0.0.1:9502`, `[::1]:9502`. */
export const formatEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
