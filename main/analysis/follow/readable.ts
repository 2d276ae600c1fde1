/** Octets as text: line breaks and tabs stay, what cannot be printed is a dot; every octet is one character. */
export function readable(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += isPrinted(octet) ? String.fromCharCode(octet) : '.';
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '.');
}

const isPrinted = (octet: number): boolean => (octet >= 0x20 && octet < 0x7f) || octet === 0x0a || octet === 0x0d || octet === 0x09;

const WIDTH = 16;

/** Sixteen octets a line: where they lie, in hexadecimal, as characters. `offset` is the first one's place. */
export function hexDump(octets: Uint8Array, offset = 0): string[] {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += WIDTH) {
    const row = octets.subarray(at, at + WIDTH);
    const hex = Array.from(row, (octet, i) => `${i === WIDTH / 2 ? ' ' : ''}${octet.toString(16).padStart(2, '0')}`).join(' ');
    const characters = Array.from(row, (octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.')).join('');
    lines.push(`${(offset + at).toString(16).padStart(8, '0')}  ${hex.padEnd(3 * WIDTH)}  ${characters}`);
  }
  return lines;
}
