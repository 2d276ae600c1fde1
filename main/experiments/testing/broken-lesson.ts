import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { run } from './run.ts';

/** What a lesson says when one thing in its script is changed: each failed check and the error, one per line. It must not pass. */
export async function brokenLesson(id: string, from: string, to: string): Promise<string> {
  const source = readFileSync(`resources/lessons/${id}.ts`, 'utf8');
  if (!source.includes(from)) throw new Error(`${id} no longer says "${from}"`);
  const { failed, report } = await run(source.replace(from, to));
  expect(report.outcome).not.toBe('passed');
  const checks = failed.map((check) => `${check.description}: expected ${check.expected}, was ${check.actual}`);
  return [...checks, report.error?.message ?? ''].join('\n');
}
