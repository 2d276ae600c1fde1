import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '../wire/result.ts';
import { type Course, type CoursePlace, inCourseOrder, parseCourse } from './course.ts';

/** One lesson: a script that runs as it is, and its text in two languages. */
export interface Lesson {
  /** The files' name without ending: `01-three-way-handshake`. */
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly titleZh: string;
  /** Markdown; the title is its first heading. */
  readonly text: string;
  readonly textZh: string;
  /** TypeScript for the sandbox. */
  readonly source: string;
  /** Undefined for a lesson that its folder's course does not name. */
  readonly place?: CoursePlace;
}

export interface LessonError {
  readonly kind: 'no-folder' | 'unreadable' | 'no-title' | 'same-number' | 'bad-course';
  /** The file or folder it is about. */
  readonly path: string;
  readonly message: string;
}

/** A folder of lessons. One that is not whole is named among the problems and does not hide the others. */
export interface LessonFolder {
  readonly lessons: readonly Lesson[];
  readonly problems: readonly LessonError[];
}

const SCRIPT_NAME = /^(\d{2,3})-[a-z0-9][a-z0-9-]*\.ts$/;
const COURSE = 'course.json';
const LARGEST = 1024 * 1024;

/**
 * Reads every `NN-name.ts` with its `NN-name.md` and `NN-name.zh.md`: in the order of `course.json` where the folder has
 * one, else in that of their numbers.
 */
export async function loadLessons(folder: string): Promise<Result<LessonFolder, LessonError>> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (thrown) {
    return err({ kind: 'no-folder', path: folder, message: `cannot list the lessons in ${folder}: ${reason(thrown)}` });
  }
  const lessons: Lesson[] = [];
  const problems: LessonError[] = [];
  for (const name of names.filter((name) => SCRIPT_NAME.test(name)).sort()) {
    const lesson = await loadLesson(folder, name.slice(0, -'.ts'.length));
    if (!lesson.ok) problems.push(lesson.error);
    else if (lessons.at(-1)?.number === lesson.value.number) problems.push(sameNumber(join(folder, name), lessons.at(-1)!, lesson.value));
    else lessons.push(lesson.value);
  }
  lessons.sort((a, b) => a.number - b.number);
  if (!names.includes(COURSE)) return ok({ lessons, problems });
  const course = await loadCourse(join(folder, COURSE), lessons);
  if (!course.ok) return ok({ lessons, problems: [...problems, course.error] });
  return ok({ lessons: inCourseOrder(lessons, course.value), problems });
}

async function loadCourse(path: string, lessons: readonly Lesson[]): Promise<Result<Course, LessonError>> {
  const read = await text(path);
  if (!read.ok) return read;
  const course = parseCourse(read.value);
  const bad = (why: string) => err({ kind: 'bad-course' as const, path, message: `${path}: ${why}` });
  if (typeof course === 'string') return bad(course);
  const ids = course.parts.flatMap((part) => part.lessons.map(({ id }) => id));
  const stranger = ids.find((id) => !lessons.some((lesson) => lesson.id === id));
  if (stranger !== undefined) return bad(`there is no whole lesson "${stranger}"`);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  return twice === undefined ? ok(course) : bad(`"${twice}" stands in it twice`);
}

async function loadLesson(folder: string, id: string): Promise<Result<Lesson, LessonError>> {
  const source = await text(join(folder, `${id}.ts`));
  if (!source.ok) return source;
  const english = await page(join(folder, `${id}.md`));
  if (!english.ok) return english;
  const chinese = await page(join(folder, `${id}.zh.md`));
  if (!chinese.ok) return chinese;
  return ok({
    id,
    number: Number.parseInt(id, 10),
    title: english.value.title,
    titleZh: chinese.value.title,
    text: english.value.text,
    textZh: chinese.value.text,
    source: source.value,
  });
}

async function page(path: string): Promise<Result<{ readonly title: string; readonly text: string }, LessonError>> {
  const read = await text(path);
  if (!read.ok) return read;
  const title = /^# +(\S.*)$/m.exec(read.value)?.[1]?.trim();
  if (!title) return err({ kind: 'no-title', path, message: `${path} has no first heading ("# Title")` });
  return ok({ title, text: read.value });
}

async function text(path: string): Promise<Result<string, LessonError>> {
  try {
    const octets = await readFile(path);
    if (octets.length <= LARGEST) return ok(octets.toString('utf8'));
    return err({ kind: 'unreadable', path, message: `${path} is larger than ${LARGEST} octets` });
  } catch (thrown) {
    return err({ kind: 'unreadable', path, message: `a lesson needs ${path}: ${reason(thrown)}` });
  }
}

const sameNumber = (path: string, first: Lesson, second: Lesson): LessonError => ({
  kind: 'same-number',
  path,
  message: `${first.id} and ${second.id} have the same number; give one of them another`,
});

const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
