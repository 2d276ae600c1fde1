import type { LabRequest } from './requests.ts';

const LONGEST = 200;

/** What a request that is no system call says, for whoever follows a run step by step. */
export function requestText(request: Exclude<LabRequest, { op: 'call' }>): string {
  switch (request.op) {
    case 'sleep':
      return `sleep(${request.seconds})`;
    case 'advance':
      return 'waits for the next event';
    case 'next':
      return `waits for ${request.what}`;
    case 'log':
      return request.text.slice(0, LONGEST);
    case 'check':
      return `${request.ok ? 'ok' : 'FAIL'} ${request.description.slice(0, LONGEST)}`;
    case 'predict':
      return `predict(${JSON.stringify(request.question.slice(0, LONGEST))})`;
    case 'inject':
      return `inject(${request.segment.flags || 'no flags'})`;
    case 'replay':
      return `replay(segment ${request.number})`;
    default:
      return request.op;
  }
}
