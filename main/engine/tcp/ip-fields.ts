import type { IpFields } from '../network/packet.ts';
import type { Tcb } from './tcb.ts';

/** What the IP header of this connection's segments has out of the ordinary; undefined where nothing is. */
export function ipFieldsOf({ settings, host, remoteAddress }: Tcb): IpFields | undefined {
  const { hops, mtuDiscovery } = settings;
  // DF says "tell me when it does not fit"; without it routers cut (RFC 1191 §3, Linux ip_dont_fragment).
  const mayFragment =
    mtuDiscovery === 'IP_PMTUDISC_DONT' || (mtuDiscovery === 'IP_PMTUDISC_WANT' && host.pathMtus.mustFragment(remoteAddress));
  if (hops === undefined && !mayFragment) return undefined;
  return { ...(hops !== undefined && { hops }), ...(mayFragment && { mayFragment }) };
}
