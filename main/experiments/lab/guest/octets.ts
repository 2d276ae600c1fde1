import { ask } from './channel.ts';

/** Octets travel as text, one character each. */
export const asCharacters = (octets: Uint8Array): string => {
  let characters = '';
  for (let at = 0; at < octets.length; at += 4096) characters += String.fromCharCode(...octets.subarray(at, at + 4096));
  return characters;
};
export const asOctets = (characters: string): Uint8Array => Uint8Array.from(characters, (one) => one.charCodeAt(0));
export const encode = (data: string | Uint8Array): string =>
  typeof data === 'string' ? String(ask({ op: 'encode', text: data })) : asCharacters(data);

export const text = (octets: Uint8Array): string => String(ask({ op: 'decode', octets: asCharacters(octets) }));
