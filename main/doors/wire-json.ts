/** JSON as the served door speaks it: octets travel as `{"$octets": base64}`, all else as JSON has it. */
export const toWireJson = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    member instanceof Uint8Array
      ? { $octets: Buffer.from(member.buffer, member.byteOffset, member.byteLength).toString('base64') }
      : member,
  );

/** undefined where the text is not JSON. */
export function fromWireJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, member: unknown) => (isOctets(member) ? new Uint8Array(Buffer.from(member.$octets, 'base64')) : member));
  } catch {
    return undefined;
  }
}

const isOctets = (member: unknown): member is { $octets: string } =>
  typeof member === 'object' &&
  member !== null &&
  '$octets' in member &&
  typeof member.$octets === 'string' &&
  Object.keys(member).length === 1;
