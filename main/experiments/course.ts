import { z } from 'zod';

const inBoth = z.object({ en: z.string().min(1), zh: z.string().min(1) });
const course = z.object({
  title: inBoth,
  parts: z.array(z.object({ title: inBoth, lessons: z.array(z.object({ id: z.string().min(1), minutes: z.number().positive() })).min(1) })),
});

/** Lessons in the order in which they teach, in parts. */
export type Course = z.infer<typeof course>;

/** Where a lesson stands in its course. */
export interface CoursePlace {
  readonly part: string;
  readonly partZh: string;
  /** How long a student takes for text, prediction and run. */
  readonly minutes: number;
}

/** Reads `course.json`; a text says what is wrong with it. */
export function parseCourse(text: string): Course | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return `it is no JSON: ${(thrown as Error).message}`;
  }
  const read = course.safeParse(json);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  return `${issue?.path.join('.') || 'the file'}: ${issue?.message}`;
}

/** The lessons in the course's order, each with its place; those it does not name follow in their own order. */
export function inCourseOrder<L extends { readonly id: string }>(
  lessons: readonly L[],
  { parts }: Course,
): readonly (L & { place?: CoursePlace })[] {
  const places = new Map(
    parts.flatMap(({ title, lessons }) => lessons.map(({ id, minutes }) => [id, { part: title.en, partZh: title.zh, minutes }] as const)),
  );
  const order = [...places.keys()];
  const at = ({ id }: L): number => (places.has(id) ? order.indexOf(id) : order.length);
  return [...lessons]
    .sort((a, b) => at(a) - at(b))
    .map((lesson) => {
      const place = places.get(lesson.id);
      return place ? { ...lesson, place } : lesson;
    });
}
