import type { LabMessage } from '../requests.ts';
import { ask, connect, here, SystemError, settle, wait } from './channel.ts';
import { awaitCondition, concludeWatched, expect, lookAtWatched, must } from './check.ts';
import { constants } from './constants.ts';
import { inspect } from './inspect.ts';
import { Cable, Host, judge } from './network.ts';
import { text } from './octets.ts';

/** Sets up what `lab.d.ts` declares, and gives the function that takes the laboratory's messages. */
export function install(host: (request: string) => string | undefined): (message: string) => string {
  connect(host);
  const lab = makeLab();
  Math.random = lab.random;
  Object.assign(globalThis, { lab, ...functions, ...constants, SystemError });
  return receive;
}

const { parse } = JSON;

function receive(text: string): string {
  const message = parse(text) as LabMessage;
  switch (message.kind) {
    case 'settle':
      settle(message);
      return '';
    case 'judge':
      return judge(message.rule, message.segment as Segment) ? 'true' : 'false';
    case 'watch':
      lookAtWatched();
      return '';
    case 'finish':
      concludeWatched();
      return '';
  }
}

function makeLab(): Lab {
  return {
    twoHosts: ({ client = {}, server = {}, ...settings } = {}) => {
      const clientHost = new Host('client', { addresses: ['10.0.0.1/24'], sysctls: client });
      const serverHost = new Host('server', { addresses: ['10.0.0.2/24'], sysctls: server });
      const link = new Cable(clientHost, serverHost, settings);
      return { client: clientHost.process('client'), server: serverHost.process('server'), link };
    },
    host: (name, options) => new Host(name, options),
    link: (a, b, options = {}) => new Cable(a as Host, b as Host, options),
    start: (name, program) => {
      const running = (async () => program())();
      running.catch((error: unknown) => ask({ op: 'crash', program: String(name).slice(0, 200), ...failureOf(error) }));
      return running;
    },
    get seed() {
      return ask({ op: 'seed' }) as number;
    },
    random: () => ask({ op: 'random' }) as number,
  };
}

const failureOf = (error: unknown): { message: string; stack: string } => {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack.slice(0, 8000) : '';
  return { message: inspect(error), stack };
};

const say =
  (level: 'info' | 'note' | 'warn') =>
  (...values: readonly unknown[]): void => {
    ask({ op: 'log', level, text: values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '), stack: here() });
  };

const copied = (variation: Variation<string | number | boolean>) =>
  'among' in variation ? { among: [...variation.among] } : { ...variation };

const functions = {
  sleep: (seconds: number) => wait({ op: 'sleep', seconds, stack: here() }).then(() => undefined),
  now: () => ask({ op: 'now' }) as number,
  advance: async (events = 1) => {
    const stack = here();
    for (let i = 0; i < events; i++) await wait({ op: 'advance', stack });
    return ask({ op: 'now' }) as number;
  },
  until: (condition: () => boolean, { within, what = 'the condition' }: { within?: number; what?: string } = {}) =>
    awaitCondition(condition, within, what, here()),
  ms: (milliseconds: number) => milliseconds / 1000,
  text,
  note: (message: string) => say('note')(message),
  param: (name: string, otherwise: string | number | boolean, variation?: Variation<string | number | boolean>) =>
    ask({ op: 'parameter', name, otherwise, variation: variation && copied(variation) }),
  predict: async (question: string, choices: readonly (string | number)[] = []): Promise<Prediction> => {
    const asked = await wait({ op: 'predict', question, choices: choices.map(String), stack: here() });
    const { number, answer } = asked as { number: number; answer?: string };
    return { answer, turnsOut: (actual) => ask({ op: 'turned-out', number, actual: String(actual) }) as undefined };
  },
  expect,
  must,
  console: { log: say('info'), info: say('info'), warn: say('warn') },
};
