import { Timer } from '../engine/clock.ts';
import { Engine } from '../engine/engine.ts';
import { echoClient } from '../engine/programs/echo-client.ts';
import { echoServer } from '../engine/programs/echo-server.ts';
import { ms, nanos, seconds } from '../wire/units.ts';
import type { Analyst } from './analyst.ts';
import type { OpenFeed } from './feeds.ts';
import type { EngineState } from './session-messages.ts';

const PORT = 9502;
const SERVER = '10.0.0.2';
/** A long cable, so that the eye can follow a segment at real speed. */
const DELAY = ms(150);
/** From the end of one conversation to the start of the next. */
const REST = seconds(4);
const TICK_MS = 33;
/** A tab that slept does not make up for hours of it. */
const MAX_STEP_MS = 250;

const SENTENCES = ['hello', 'is anybody there?', 'the sequence numbers count octets', 'and the FIN takes one too'];
const octets = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);

/** Two hosts on a cable: an echo server on port 9502, and a client that talks to it again and again. */
function echoPair(analyst: Analyst): Engine {
  const engine = new Engine({ seed: 1 });
  const client = engine.host({ name: 'client', addresses: ['10.0.0.1/24'] });
  const server = engine.host({ name: 'server', addresses: [`${SERVER}/24`] });
  const cable = engine.cable(client, server, { delay: DELAY });
  engine.tap(cable, analyst.take);
  echoServer(server.process('echo-server'), { address: SERVER, port: PORT }, (listening) => {
    if (!listening.ok) throw new Error(`the echo server does not listen: ${listening.error.errno}`);
  });
  const user = client.process('echo-client');
  const talk = new Timer(() =>
    echoClient(user, { address: SERVER, port: PORT, messages: SENTENCES.map(octets) }, () => engine.clock.set(talk, REST)),
  );
  engine.clock.set(talk, ms(500));
  return engine;
}

/** The engine that lives in the window, paced by the wall clock. */
export function openEchoFeed(analyst: Analyst, onState: (state: EngineState) => void): OpenFeed {
  const engine = echoPair(analyst);
  let speed = 1;
  let last = performance.now();
  let pacing: NodeJS.Timeout | undefined;
  const state = (): EngineState => ({ running: pacing !== undefined, speed, snapshot: engine.snapshot() });

  const tick = () => {
    const now = performance.now();
    const elapsed = Math.min(now - last, MAX_STEP_MS);
    last = now;
    engine.runUntil(nanos(engine.now + Math.round(elapsed * 1e6 * speed)));
    onState(state());
  };
  const pause = () => {
    clearInterval(pacing);
    pacing = undefined;
  };
  const play = () => {
    if (pacing) return;
    last = performance.now();
    pacing = setInterval(tick, TICK_MS);
  };

  analyst.run();
  play();
  return {
    stop: async () => {
      pause();
      analyst.end();
    },
    engine: ({ action, speed: wanted }) => {
      if (wanted !== undefined) speed = wanted;
      if (action === 'play') play();
      if (action === 'pause') pause();
      if (action === 'step') {
        pause();
        engine.step();
      }
      const now = state();
      onState(now);
      return now;
    },
  };
}
