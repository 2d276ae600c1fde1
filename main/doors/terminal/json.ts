import type { Instant } from '../../../preload/contract.ts';

const isInstant = (value: unknown): value is Instant =>
  typeof value === 'object' && value !== null && 'seconds' in value && 'nanoseconds' in value && Object.keys(value).length === 2;

export const decimal = ({ seconds, nanoseconds }: Instant): string => `${seconds}.${String(nanoseconds).padStart(9, '0')}`;

/**
 * JSON whose instants are numbers of seconds with all nine digits. A double cannot hold them, so they are written digit by
 * digit, and a reader that wants them exactly takes the digits.
 */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => (isInstant(member) ? `instant:${decimal(member)}` : member)).replaceAll(
    /"instant:(-?\d+\.\d{9})"/g,
    '$1',
  );
