import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CaptureReader } from '../../capture/capture-reader.ts';
import { captureFiles } from '../../capture/testing/captures.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { Analysis } from '../analysis.ts';
import { dissect } from './dissect.ts';
import { readFilter } from './filter.ts';
import { Subject } from './subject.ts';

/** Goes through the frames of a capture as a filter does. */
function eachFrame(path: string, look: (subject: Subject) => void): void {
  const batches: FrameBatch[] = [];
  const analysis = new Analysis();
  const reader = new CaptureReader({ onBatch: (batch) => batches.push(batch) });
  reader.push(readFileSync(path));
  reader.finish();
  for (const batch of batches) analysis.add(batch);
  const { columns } = analysis.tables;
  const subject = new Subject(analysis.tables);
  let row = 0;
  for (const batch of batches)
    for (let i = 0; i < batch.count; i++) {
      subject.nextFrame(batch, i);
      subject.row = -1;
      if (row < columns.count && columns.frame(row) === subject.number) subject.seekRow(row++);
      look(subject);
    }
}

test('what a frame is said to have passes as a filter', () => {
  const seen = new Set<string>();
  for (const path of captureFiles().filter((_, i) => i % 15 === 0))
    eachFrame(path, (subject) => {
      if (subject.number > 12) return;
      for (const { name, filter } of dissect(subject)) {
        seen.add(name);
        if (filter === undefined) continue;
        const read = readFilter(filter);
        const passes = read.ok && read.value.predicate('octets')(subject);
        expect({ path, frame: subject.number, filter, passes }).toEqual({ path, frame: subject.number, filter, passes: true });
      }
    });
  expect(seen.size).toBeGreaterThan(90);
});

test('a SYN in words', () => {
  const [path] = captureFiles().filter((file) => file.endsWith('zeek-http-bro.org.pcap'));
  eachFrame(path!, (subject) => {
    if (subject.number !== 1) return;
    const fields = new Map(dissect(subject).map(({ name, value }) => [name, value]));
    expect(
      Object.fromEntries(
        ['ip.src', 'tcp.dstport', 'tcp.flags.syn', 'tcp.state.client', 'tcp.options.mss_val'].map((name) => [name, fields.get(name)]),
      ),
    ).toEqual({
      'ip.src': '10.0.2.15',
      'tcp.dstport': '80',
      'tcp.flags.syn': '1',
      'tcp.state.client': 'SYN-SENT',
      'tcp.options.mss_val': '1460',
    });
  });
});
