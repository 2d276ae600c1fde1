import { type IpAddress, ipVersionOf } from '../../wire/ip-address.ts';
import type { IpFields } from '../network/packet.ts';
import type { SocketSettings } from './settings.ts';
import type { Tcb } from './tcb.ts';

/** What a socket's options ask of the IP header of packets to `dst`; undefined where they ask for nothing. */
export function ipFieldsFor({ hops, typeOfService, trafficClass }: SocketSettings, dst: IpAddress): IpFields | undefined {
  const service = typeOfService === trafficClass || ipVersionOf(dst) === 4 ? typeOfService : trafficClass; // most often both are 0
  if (hops === undefined && service === 0) return undefined;
  return { ...(hops !== undefined && { hops }), ...(service !== 0 && { trafficClass: service }) };
}

/** What the IP header of this connection's segments has out of the ordinary; undefined where nothing is. */
export function ipFieldsOf({ settings, host, remoteAddress }: Tcb): IpFields | undefined {
  const { mtuDiscovery } = settings;
  const fields = ipFieldsFor(settings, remoteAddress);
  // DF says "tell me when it does not fit"; without it routers cut (RFC 1191 §3, Linux ip_dont_fragment).
  const mayFragment =
    mtuDiscovery === 'IP_PMTUDISC_DONT' || (mtuDiscovery === 'IP_PMTUDISC_WANT' && host.pathMtus.mustFragment(remoteAddress));
  return mayFragment ? { ...fields, mayFragment } : fields;
}
