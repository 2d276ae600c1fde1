const OCTETS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** The octets data[start, end) as lower-case hexadecimal, two digits each. */
export function hex(data: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += OCTETS[data[at]!];
  return text;
}
