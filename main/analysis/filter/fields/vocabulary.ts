import { DATAGRAM_FIELDS } from './datagrams.ts';
import { ETHERNET_FIELDS } from './ethernet.ts';
import type { Field } from './field.ts';
import { FRAGMENT_FIELDS } from './fragments.ts';
import { FRAME_FIELDS } from './frame.ts';
import { INFERRED_FIELDS } from './inferred.ts';
import { IP_FIELDS } from './ip.ts';
import { TCP_FIELDS } from './tcp.ts';
import { TCP_OPTION_FIELDS } from './tcp-options.ts';

/** Every field of the filter language. */
export const FIELDS: readonly Field[] = [
  ...FRAME_FIELDS,
  ...ETHERNET_FIELDS,
  ...IP_FIELDS,
  ...FRAGMENT_FIELDS,
  ...TCP_FIELDS,
  ...TCP_OPTION_FIELDS,
  ...INFERRED_FIELDS,
  ...DATAGRAM_FIELDS,
];

const BY_NAME = new Map(FIELDS.map((field) => [field.name, field]));

export const fieldNamed = (name: string): Field | undefined => BY_NAME.get(name);
