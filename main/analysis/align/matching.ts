import type { Captured, Identity } from './trace.ts';

/** The same connection in both captures. */
export interface Match {
  readonly a: number;
  readonly b: number;
  /** The second capture takes the first's client for the server: it began in the middle of the connection. */
  readonly turned: boolean;
}

const address = ({ address, port }: Identity['client']): string => `${address} ${port}`;
const tuple = ({ client, server }: Identity): string => `${address(client)} ${address(server)}`;
const backwards = (identity: Identity): string => tuple(turnedRound(identity));

/** Both first numbers: 64 bits that survive a change of addresses on the way (NAT); undefined where a SYN is missing. */
const starts = ({ clientStart, serverStart }: Identity): string | undefined =>
  clientStart === undefined || serverStart === undefined ? undefined : `${clientStart} ${serverStart}`;

/** Do the numbers speak against it? */
const differ = (a: number | undefined, b: number | undefined): boolean => a !== undefined && b !== undefined && a !== b;

/** Finds the connections that both captures hold: by their 4-tuple and first numbers, or by the numbers alone. */
export function matchConnections(a: Captured, b: Captured): Match[] {
  const identities = Array.from({ length: b.connectionCount }, (_, id) => b.identity(id));
  const byTuple = new Map<string, number[]>();
  const byStarts = new Map<string, number>();
  identities.forEach((identity, id) => {
    const key = tuple(identity);
    byTuple.set(key, [...(byTuple.get(key) ?? []), id]);
    const numbers = starts(identity);
    if (numbers) byStarts.set(numbers, id);
  });
  const taken = new Set<number>();
  const matches: Match[] = [];
  for (let id = 0; id < a.connectionCount; id++) {
    const identity = a.identity(id);
    const numbers = starts(identity);
    const among = (key: string, seen: Identity): number | undefined => {
      const fitting = (byTuple.get(key) ?? []).filter((other) => !taken.has(other) && !contradicts(seen, identities[other]!));
      return fitting.find((one) => numbers !== undefined && starts(identities[one]!) === numbers) ?? fitting[0];
    };
    const straight = among(tuple(identity), identity);
    const turned = straight === undefined ? among(backwards(identity), turnedRound(identity)) : undefined;
    const other = straight ?? turned ?? (numbers === undefined ? undefined : byStarts.get(numbers));
    if (other === undefined || taken.has(other)) continue;
    taken.add(other);
    matches.push({ a: id, b: other, turned: turned !== undefined });
  }
  return matches;
}

/** As a capture sees it that takes the client for the server. */
const turnedRound = ({ client, server, clientStart, serverStart, bases }: Identity): Identity => ({
  client: server,
  server: client,
  clientStart: serverStart,
  serverStart: clientStart,
  bases: { client: bases.server, server: bases.client },
});

const contradicts = (a: Identity, b: Identity): boolean => differ(a.clientStart, b.clientStart) || differ(a.serverStart, b.serverStart);
