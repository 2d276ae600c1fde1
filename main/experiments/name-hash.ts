/** 32 bits from a name, the same on every machine: FNV-1a. What is named gets chance of its own with it. */
export function nameHash(name: string): number {
  let hash = 0x811c_9dc5;
  for (const octet of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ octet, 0x0100_0193) >>> 0;
  return hash;
}
