import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LessonInfo, Template } from '../../preload/contract.ts';
import { LAB_TYPES } from '../experiments/lab/library.ts';
import { loadLessons } from '../experiments/lessons.ts';
import { RESOURCES } from './places.ts';

export const labTypes = (): string => LAB_TYPES;

/** The lessons that came with this Workbench. They are part of it, so one that cannot be read is a defect and is said as one. */
export async function lessons(): Promise<readonly LessonInfo[]> {
  const loaded = await loadLessons(join(RESOURCES, 'lessons'));
  if (!loaded.ok) throw new Error(loaded.error.message);
  for (const problem of loaded.value.problems) process.emitWarning(problem.message);
  return loaded.value.lessons;
}

const TEMPLATES = [
  { id: 'empty', language: 'typescript' },
  { id: 'echo', language: 'typescript' },
  { id: 'bad-link', language: 'typescript' },
  { id: 'busy-listener', language: 'typescript' },
  { id: 'handshake', language: 'packetdrill' },
] as const;
const ENDINGS = { typescript: 'ts', packetdrill: 'pkt' } as const;

/** Scripts to begin with. */
export const templates = (): Promise<readonly Template[]> =>
  Promise.all(
    TEMPLATES.map(async ({ id, language }) => {
      const source = await readFile(join(RESOURCES, 'templates', `${id}.${ENDINGS[language]}`), 'utf8');
      return { id, language, source };
    }),
  );
