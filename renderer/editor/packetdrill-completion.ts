import type { PacketdrillReference } from '../../preload/contract.ts';

type Calls = PacketdrillReference['calls'];

/** One way a line may go on. */
export interface Suggestion {
  readonly kind: 'call' | 'word' | 'time' | 'packet';
  readonly label: string;
  /** What is put in place of the word that is being written. */
  readonly insert: string;
  readonly about: string;
  /** The call as it is declared. */
  readonly signature?: string;
}

export interface Suggestions {
  /** Characters before the cursor that a suggestion replaces. */
  readonly replaces: number;
  readonly all: readonly Suggestion[];
}

const TIMES: readonly Suggestion[] = [
  ['+0', 'at once after the event before'],
  ['+0.1', '0.1 s after the event before'],
  ['0', 'at that time from the start of the script'],
  ['*', 'at any time: for a packet that is expected'],
  ['+0~+0.1', 'within that range: for a packet that is expected'],
  ['+0...0.1', 'a call that waits: when it is made, and when it comes back'],
].map(([label, about]) => ({ kind: 'time', label: label!, insert: `${label} `, about: about! }));

const PACKETS: readonly Suggestion[] = [
  {
    kind: 'packet',
    label: '< S',
    insert: '< S 0:0(0) win 65535 <mss 1460,sackOK,nop,nop,nop,wscale 7>',
    about: 'A packet comes in: a SYN.',
  },
  { kind: 'packet', label: '< .', insert: '< . 1:1(0) ack 1 win 512', about: 'A packet comes in: an ACK.' },
  { kind: 'packet', label: '< P.', insert: '< P. 1:1001(1000) ack 1 win 512', about: 'A packet comes in: data.' },
  { kind: 'packet', label: '< F.', insert: '< F. 1:1(0) ack 1 win 512', about: 'A packet comes in: a FIN.' },
  { kind: 'packet', label: '< R.', insert: '< R. 1:1(0) ack 1 win 0', about: 'A packet comes in: a reset.' },
  { kind: 'packet', label: '> S.', insert: '> S. 0:0(0) ack 1 <...>', about: 'A packet is expected to leave: a SYN,ACK with any options.' },
  { kind: 'packet', label: '> .', insert: '> . 1:1(0) ack 1', about: 'A packet is expected to leave: an ACK.' },
  { kind: 'packet', label: '> P.', insert: '> P. 1:1001(1000) ack 1', about: 'A packet is expected to leave: data.' },
  { kind: 'packet', label: '%{ }%', insert: '%{ assert tcpi_snd_cwnd == 10 }%', about: 'An assertion about what TCP_INFO tells.' },
  {
    kind: 'packet',
    label: '`sysctl`',
    insert: '`sysctl -q net.ipv4.tcp_sack=0`',
    about: 'A shell command that sets a tunable of the host.',
  },
];

/** `listen(fd, backlog)` */
export const signatureOf = ({ name, parameters }: Calls[number]): string => `${name}(${parameters.map(([one]) => one).join(', ')})`;

/** The call whose parentheses the cursor stands in, and the place of the argument. */
export function callAround(before: string): { readonly name: string; readonly argument: number } | undefined {
  const opened: { name: string; argument: number }[] = [];
  for (const [part] of before.matchAll(/(\w*)\(|[[{]|[)\]}]|,|"[^"]*"?/g)) {
    if (/[([{]$/.test(part)) opened.push({ name: part.slice(0, -1), argument: 0 });
    else if (/^[)\]}]/.test(part)) opened.pop();
    else if (part === ',' && opened.length > 0) opened.at(-1)!.argument++;
  }
  return opened[0]?.name ? opened[0] : undefined;
}

/** Is the cursor between `%{` and `}%`? */
export const isInCode = (text: string): boolean => text.lastIndexOf('%{') > text.lastIndexOf('}%');

const TIME = String.raw`(?:\*|\+\*|\+?[\d.]+(?:~\+?[\d.]+)?(?:\.\.\.[\d.]+)?)`;
const PACKET = new RegExp(String.raw`^\s*${TIME}\s+[<>]\s*`);
const ACTION = new RegExp(String.raw`^\s*${TIME}\s+[\w<>%\`]*$`);

/** How a line may go on behind `before`; `code` when it stands between `%{` and `}%`. */
export function suggestionsFor(before: string, code: boolean, reference: PacketdrillReference): Suggestions {
  const word = /\w*$/.exec(before)![0];
  const words = (from: readonly { readonly name: string; readonly about: string }[], insert = (name: string) => name): Suggestions => ({
    replaces: word.length,
    all: from.map(({ name, about }) => ({ kind: 'word', label: name, insert: insert(name), about })),
  });
  if (code) return words([...reference.tcpInfo, { name: 'assert', about: 'The condition has to hold.' }]);
  const setting = /^\s*-{1,2}(\w*)$/.exec(before);
  if (setting)
    return {
      replaces: setting[0].trimStart().length,
      all: reference.settings.map(({ name, about }) => ({ kind: 'word', label: `--${name}`, insert: `--${name}`, about })),
    };
  const packet = PACKET.exec(before);
  if (packet) return behindDirection(before.slice(packet[0].length), words, reference);
  const around = callAround(before);
  if (around) return words(argumentWords(around, reference));
  if (/\)\s*=\s*-1\s+\w*$/.test(before))
    return {
      replaces: word.length,
      all: reference.errnos.map(({ name, about }) => ({ kind: 'word', label: name, insert: `${name} (${about})`, about })),
    };
  if (ACTION.test(before)) {
    const written = /[\w<>%`]*$/.exec(before)![0];
    return { replaces: written.length, all: [...reference.calls.map(callSuggestion), ...PACKETS] };
  }
  const time = /^\s*([+*\d.~]*)$/.exec(before);
  return time ? { replaces: time[1]!.length, all: TIMES } : { replaces: 0, all: [] };
}

const callSuggestion = (call: Calls[number]): Suggestion => ({
  kind: 'call',
  label: call.name,
  insert: call.example,
  about: call.about,
  signature: signatureOf(call),
});

function behindDirection(
  rest: string,
  words: (from: PacketdrillReference['flags']) => Suggestions,
  { flags, tcpOptions }: PacketdrillReference,
): Suggestions {
  if (rest.lastIndexOf('<') > rest.lastIndexOf('>')) return words(tcpOptions);
  if (!/\s/.test(rest)) return words(flags);
  return words([
    { name: 'ack', about: 'The acknowledgment number.' },
    { name: 'win', about: 'The window, as in the header.' },
    { name: 'urg', about: 'The urgent pointer.' },
  ]);
}

function argumentWords({ name, argument }: { readonly name: string; readonly argument: number }, reference: PacketdrillReference) {
  const kind = reference.calls.find((call) => call.name === name)?.parameters[argument]?.[1];
  if (kind === 'option') return reference.options;
  if (typeof kind !== 'object') return reference.constants;
  return kind.map((one) => ({ name: one, about: reference.constants.find((constant) => constant.name === one)?.about ?? '' }));
}
