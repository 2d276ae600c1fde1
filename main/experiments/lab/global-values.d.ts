/** The values of `values.ts` as the globals they are to a script. */
type SocketAddress = import('./values.ts').SocketAddress;
type LinkOptions = import('./values.ts').LinkOptions;
type Sysctls = import('./values.ts').Sysctls;
type Route = import('./values.ts').Route;
type Connection = import('./values.ts').Connection;
type Queues = import('./values.ts').Queues;
type QueuedConnection = import('./values.ts').QueuedConnection;
type Segment = import('./values.ts').Segment;
type SegmentCause = import('./values.ts').SegmentCause;
type SegmentOptions = import('./values.ts').SegmentOptions;
type SocketOwner = import('./values.ts').SocketOwner;
type Datagram = import('./values.ts').Datagram;
