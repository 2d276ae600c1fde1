import { useStore } from 'zustand';
import type { Finding } from '../../preload/contract.ts';
import { type Language, settingsStore } from '../stores/settings.ts';
import { en, type TextKey } from './en.ts';
import { zh } from './zh.ts';
import { findingInChinese } from './zh-findings.ts';

const DICTIONARIES: { readonly [L in Language]: { readonly [K in TextKey]: string } } = { en, zh };

/** `{name}` in a text is replaced by the value of that name. */
export type Values = { readonly [name: string]: string | number };

export function translate(language: Language, key: TextKey, values: Values = {}): string {
  return DICTIONARIES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export type Translate = (key: TextKey, values?: Values) => string;

/** The texts of the language chosen; a component that uses it is rendered again when that changes. */
export function useText(): Translate {
  const language = useStore(settingsStore, (s) => s.language);
  return (key, values) => translate(language, key, values);
}

/** What a finding says, in the language chosen. */
export function useFinding(finding: Finding): Pick<Finding, 'text' | 'confirm'> {
  const language = useStore(settingsStore, (s) => s.language);
  return language === 'zh' ? findingInChinese(finding) : finding;
}

export type { TextKey };
