import { createStore } from 'zustand/vanilla';
import type { LessonInfo } from '../../preload/contract.ts';

export interface LessonsState {
  readonly lessons: readonly LessonInfo[];
  readonly open: string | undefined;
}

export const lessonsStore = createStore<LessonsState>(() => ({ lessons: [], open: undefined }));

export const replaceLessons = (lessons: readonly LessonInfo[]): void =>
  lessonsStore.setState(({ open }) => ({
    lessons: [...lessons].sort((a, b) => a.number - b.number),
    open: lessons.some((lesson) => lesson.id === open) ? open : undefined,
  }));

export const openLesson = (open: string | undefined): void => lessonsStore.setState({ open });
