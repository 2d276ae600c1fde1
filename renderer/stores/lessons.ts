import { createStore } from 'zustand/vanilla';
import type { LessonInfo, Template } from '../../preload/contract.ts';

export interface LessonsState {
  readonly lessons: readonly LessonInfo[];
  readonly open: string | undefined;
  readonly templates: readonly Template[];
}

export const lessonsStore = createStore<LessonsState>(() => ({ lessons: [], open: undefined, templates: [] }));

export const replaceLessons = (lessons: readonly LessonInfo[]): void =>
  lessonsStore.setState(({ open }) => ({
    lessons,
    open: lessons.some((lesson) => lesson.id === open) ? open : undefined,
  }));

export interface LessonPart {
  readonly title: { readonly en: string; readonly zh: string } | undefined;
  readonly minutes: number;
  readonly lessons: readonly LessonInfo[];
}

/** The lessons as the course groups them; those outside of it are a part without title. */
export function partsOf(lessons: readonly LessonInfo[]): readonly LessonPart[] {
  const parts: { title: LessonPart['title']; minutes: number; lessons: LessonInfo[] }[] = [];
  for (const lesson of lessons) {
    const { place } = lesson;
    const title = place && { en: place.part, zh: place.partZh };
    const last = parts.at(-1);
    if (last && last.title?.en === title?.en) last.lessons.push(lesson);
    else parts.push({ title, minutes: 0, lessons: [lesson] });
    parts.at(-1)!.minutes += place?.minutes ?? 0;
  }
  return parts;
}

export const replaceTemplates = (templates: readonly Template[]): void => lessonsStore.setState({ templates });

export const openLesson = (open: string | undefined): void => lessonsStore.setState({ open });
