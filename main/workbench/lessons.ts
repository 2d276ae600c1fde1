import type { LessonInfo } from '../../preload/contract.ts';
import { LAB_TYPES } from '../experiments/lab/library.ts';

export const labTypes = (): string => LAB_TYPES;
export const lessons = (): readonly LessonInfo[] => [];
