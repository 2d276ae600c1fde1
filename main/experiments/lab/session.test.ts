import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import { EngineTarget } from '../targets/engine/engine-target.ts';
import { Output } from './output.ts';
import { Parameters } from './parameters.ts';
import { Pending } from './pending.ts';
import { Predictions } from './predictions.ts';
import { labRequest } from './requests.ts';
import { LabSession } from './session.ts';

function session(): LabSession {
  const output = new Output(
    DEFAULT_LIMITS,
    () => {},
    () => {},
  );
  return new LabSession({
    target: new EngineTarget({ seed: 1, onFrames: () => {} }),
    output,
    pending: new Pending(),
    seed: 1,
    parameters: new Parameters({}, 1),
    predictions: new Predictions({}),
    onQuestion: undefined,
    random: () => 0.5,
    askLibrary: () => ({ ok: true, value: 'false' }),
    end: () => {},
  });
}

const OPS = labRequest.options.map((option) => option.shape.op.value);
const FIELDS = [
  'host',
  'link',
  'process',
  'a',
  'b',
  'fd',
  'name',
  'addresses',
  'sysctls',
  'settings',
  'call',
  'seconds',
  'stack',
  'value',
  'text',
  'octets',
  'level',
  'what',
  'count',
  'hold',
  'segment',
  'number',
  'question',
  'credentials',
  'choices',
  'otherwise',
  'variation',
  'actual',
  'route',
  'routes',
];
const field = fc.oneof(fc.constantFrom(0, 1, -1, 3, 1e99, '', 'x', 'state', 'info', null), fc.jsonValue({ maxDepth: 2 }));
const request = fc
  .record({ op: fc.constantFrom(...OPS), rest: fc.dictionary(fc.constantFrom(...FIELDS), field, { maxKeys: 8 }) })
  .map(({ op, rest }) => JSON.stringify({ ...rest, op }));
const hostile = fc.oneof(request, fc.json(), fc.string());

test('whatever it is asked, the laboratory answers with JSON and never throws', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 12 }), (texts) => {
      const lab = session();
      lab.answer('{"op":"host","name":"a","addresses":["10.0.0.1/24"],"sysctls":{}}');
      lab.answer('{"op":"process","host":0,"name":"p"}');
      for (const text of texts) expect(typeof JSON.parse(lab.answer(text))).toBe('object');
    }),
    { numRuns: 300 },
  );
});
