import type { Endpoint } from '../../preload/contract.ts';
import { ENDPOINT_TAIL, formatEndpoint } from '../format/endpoint.ts';

/** An address and its port. Where room is short it gives way in the middle: the head tells the network, the tail the host and the port. */
export function EndpointName({ endpoint }: { readonly endpoint: Endpoint }) {
  const text = formatEndpoint(endpoint);
  const cut = Math.max(0, text.length - ENDPOINT_TAIL);
  return (
    <code className="endpoint" title={text}>
      <span className="endpoint-head">{text.slice(0, cut)}</span>
      <span>{text.slice(cut)}</span>
    </code>
  );
}
