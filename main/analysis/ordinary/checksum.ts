import { ip, tcp, tcpLength, version } from './locate.ts';
import { be16 } from './memory.ts';

const TCP = 6;

/** The checksum of the segment found last was left to the network card, as `../../wire/tcp-checksum.ts` tells it. */
export function isPartial(): bool {
  const field = be16(tcp + 16);
  if (field === 0) return true;
  const addresses = version === 4 ? sum(ip + 12, ip + 20) : sum(ip + 8, ip + 40);
  return field === folded(addresses + tcpLength) || field === folded(addresses);
}

/** Of both addresses, and the protocol. */
function sum(from: i32, to: i32): i32 {
  let all = TCP;
  for (let address = from; address < to; address += 2) all += be16(address);
  return all;
}

function folded(all: i32): i32 {
  const once = (all & 0xffff) + (all >>> 16);
  return (once & 0xffff) + (once >>> 16);
}
