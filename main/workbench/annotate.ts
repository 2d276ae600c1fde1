import type { Result, WorkbenchError } from '../../preload/contract.ts';
import type { WrittenInterface } from '../capture/pcapng-encoder.ts';
import { createPcapngFile } from '../capture/pcapng-writer.ts';
import { openFile } from '../capture/read-capture.ts';
import { ok } from '../wire/result.ts';
import { refuseOverwriting, refuseStream } from './input-file.ts';
import type { Answers } from './saved.ts';

/**
 * Writes a capture again, as pcapng, with what the analysis says as comments of its packets: every change of state of either
 * end, and every finding at the first packet that shows it, behind the comments it had. Any program that shows packet comments then
 * shows both ends.
 */
export async function annotate(path: string, to: string, answers: Answers): Promise<Result<null, WorkbenchError>> {
  for (const fits of [refuseStream(path, 'An annotated copy'), refuseOverwriting(path, to)]) if (!fits.ok) return fits;
  const comments = commentsOf(answers);
  const interfaces: WrittenInterface[] = [];
  const file = await createPcapngFile(to, interfaces);
  if (!file.ok) return file;
  const own = new Map<number, string[]>();
  let written: Result<void, WorkbenchError> = ok(undefined);
  let frames = 0;
  const read = await openFile(path, {
    onInterface: (found) => {
      interfaces[found.id] = found;
    },
    onComment: (frame, text) => add(own, frame, text),
    onBatch: async (batch) => {
      const first = frames + 1;
      frames += batch.count;
      const beside = (frame: number) => [...(own.get(frame) ?? []), ...(comments.get(frame) ?? [])].join('\n') || undefined;
      if (written.ok) written = await file.value.write(batch, (i) => beside(first + i));
      for (let i = 0; i < batch.count; i++) own.delete(first + i);
    },
  });
  const closed = await file.value.close();
  if (!read.ok) return read;
  if (!written.ok) return written;
  return closed.ok ? ok(null) : closed;
}

function add(comments: Map<number, string[]>, frame: number, text: string): void {
  const said = comments.get(frame);
  if (said) said.push(text);
  else comments.set(frame, [text]);
}

/** By frame number. */
function commentsOf(answers: Answers): ReadonlyMap<number, readonly string[]> {
  const comments = new Map<number, string[]>();
  const say = (frame: number, text: string) => add(comments, frame, text);
  const sayFindings = (id?: number) => {
    for (const { packets, side, text } of answers.findings(id))
      if (packets[0] !== undefined) say(packets[0], side ? `${side}: ${text}` : text);
  };
  for (let id = 0; id < answers.connectionCount; id++) {
    const { states } = answers.record(id, { latestEvents: 0 });
    for (const side of ['client', 'server'] as const)
      for (const { packet, state, trigger, certainty } of states[side])
        say(packet, `${side}: ${state}${trigger === 'start' ? '' : ` on ${trigger}`}${certainty === 'seen' ? '' : ` (${certainty})`}`);
    sayFindings(id);
  }
  sayFindings();
  return comments;
}
