import type { CallContext } from './call.ts';
import type { Expression } from './script.ts';
import { fieldOf, numberIn } from './values.ts';
import { Miss } from './verdict.ts';

/** `AF_UNSPEC` in place of an address, or `{sa_family=AF_UNSPEC, ...}`. */
export function isUnspecified(address: Expression): boolean {
  const family = address.kind === 'struct' ? fieldOf(address, 'sa_family', 'sockaddr') : address;
  return family?.kind === 'word' && family.text === 'AF_UNSPEC';
}

/** `...` is the usual one; otherwise `{sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("1.2.3.4")}`. */
export function addressIn(expression: Expression, usual: CallContext['local']): CallContext['local'] {
  if (expression.kind !== 'struct') return usual;
  const port = fieldOf(expression, 'sin_port', 'sockaddr');
  const address = fieldOf(expression, 'sin_addr', 'sockaddr');
  if (port?.kind !== 'apply' || address?.kind !== 'apply' || address.argument.kind !== 'string')
    throw new Miss('mistake', 'a sockaddr has sin_port=htons(N) and sin_addr=inet_addr("...")');
  return { address: address.argument.text, port: numberIn(port.argument, 'the port') };
}
