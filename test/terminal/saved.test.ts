import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { type Ran, ROOT, tcpwb } from '../support/tcpwb.ts';

const capture = (name: string) => join(ROOT, '..', 'shared', 'captures', name);
const HTTP = capture('zeek-http-bro.org.pcap');
const folder = mkdtempSync(join(tmpdir(), 'tcpwb-saved-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A pcap in which a server answers one SYN again and again. */
function repeatedSynAcks(count: number): Uint8Array {
  const record = 16 + 40;
  const octets = Buffer.alloc(24 + (count + 1) * record);
  octets.writeUInt32LE(0xa1b2c3d4, 0);
  octets.writeUInt16LE(2, 4);
  octets.writeUInt16LE(4, 6);
  octets.writeUInt32LE(65_535, 16);
  octets.writeUInt32LE(101, 20); // raw IP
  const segment = (fromClient: boolean) => {
    const addresses = fromClient ? '0a000001 0a000002 9c400050' : '0a000002 0a000001 00509c40';
    const numbers = fromClient ? '00000064 00000000 5002' : '000001f4 00000065 5012';
    return Buffer.from(`45000028 00004000 40060000 ${addresses} ${numbers} ffff 0000 0000`.replaceAll(' ', ''), 'hex');
  };
  const [syn, synAck] = [segment(true), segment(false)];
  for (let i = 0; i <= count; i++) {
    const at = 24 + i * record;
    octets.writeUInt32LE(1_700_000_000 + i, at);
    octets.writeUInt32LE(40, at + 8);
    octets.writeUInt32LE(40, at + 12);
    (i === 0 ? syn : synAck).copy(octets, at + 16);
  }
  return octets;
}

const oneLine = ({ stderr }: Ran) => stderr.trimEnd().split('\n');

describe('tcpwb analyze', () => {
  test('--json is one object of the promised shape, times with all nine digits', async () => {
    const { status, stdout } = await tcpwb('analyze', HTTP, '--json').ended;
    expect(status).toBe(0);
    const { packets, tcpPackets, malformed, connections } = JSON.parse(stdout);
    expect([packets, tcpPackets, malformed, connections.length]).toEqual([751, 751, 0, 13]);
    expect(connections[0]).toMatchObject({
      id: 0,
      client: { address: '10.0.2.15', port: 55079 },
      server: { address: '192.150.187.43', port: 80 },
      packets: { client: 45, server: 88 },
    });
    expect(connections[0].states.client[1]).toMatchObject({ state: 'SYN-SENT', packet: 1, certainty: 'seen' });
    expect(stdout).toContain('"start":1389719041.819644000');
  });

  test('-w writes the capture again, each change of state a comment of its packet, as Wireshark shows them', async () => {
    const annotated = join(folder, 'annotated.pcapng');
    expect((await tcpwb('analyze', HTTP, '-w', annotated, '--summary').ended).status).toBe(0);
    const fields = (path: string, ...names: readonly string[]) =>
      execFileSync('tshark', ['-n', '-r', path, '-T', 'fields', ...names.flatMap((name) => ['-e', name])], {
        encoding: 'utf8',
        stdio: 'pipe',
        maxBuffer: 1 << 26,
      });
    const same = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'tcp.seq', 'tcp.payload'];
    expect(fields(annotated, ...same)).toBe(fields(HTTP, ...same));
    const [first] = fields(annotated, 'frame.comment').split('\n');
    expect(first).toContain('client: SYN-SENT on active-open');
    expect(first).toContain('server: SYN-RECEIVED on syn');
    const itself = await tcpwb('analyze', annotated, '-w', annotated).ended;
    expect(itself.status).toBe(2);
    expect(oneLine(itself)).toHaveLength(1);
  });

  test('-w keeps the comments that packets have', async () => {
    const [had, has] = [join(folder, 'commented.pcapng'), join(folder, 'commented-again.pcapng')];
    execFileSync('editcap', ['-a', '1:who is this?', '-a', '700:far out', HTTP, had], { stdio: 'pipe' });
    expect((await tcpwb('analyze', had, '-w', has, '--summary').ended).status).toBe(0);
    const comments = (path: string, frame: number) =>
      execFileSync('tshark', ['-n', '-r', path, '-Y', `frame.number == ${frame}`, '-T', 'fields', '-e', 'frame.comment'], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(comments(has, 1)).toMatch(/^who is this\?\\nclient: CLOSED\\nclient: SYN-SENT/);
    expect(comments(has, 700)).toMatch(/^far out/);
  });

  test('--summary and --connection', async () => {
    const summary = JSON.parse((await tcpwb('analyze', HTTP, '--summary', '--json').ended).stdout);
    expect(summary).toMatchObject({ packets: 751, connections: 13, events: { handshake: 13 } });
    const one = await tcpwb('analyze', HTTP, '--connection', '3').ended;
    expect(one.stdout).toMatch(/#3 /);
    expect(one.stdout).toMatch(/SYN-SENT .*packet \d+ +seen/);
    const none = await tcpwb('analyze', HTTP, '--connection', '13').ended;
    expect(none.status).toBe(2);
    expect(oneLine(none)).toEqual(['tcpwb: there is no connection 13: the capture has 13, counted from 0']);
  });

  test('says what a colleague would say: findings of each connection, and of the capture', async () => {
    const { stdout } = await tcpwb('analyze', capture('zeek-http-206_example_b.pcap'), '--json').ended;
    const { connections, findings } = JSON.parse(stdout);
    expect(findings).toEqual([]);
    expect(connections[0].findings[0]).toMatchObject({ kind: 'peer-silent', severity: 'problem', side: 'client', ambiguous: true });
    expect(connections[0].findings.map(({ kind }: { kind: string }) => kind)).toContain('zero-window');
    const text = (await tcpwb('analyze', capture('zeek-http-206_example_b.pcap')).ended).stdout;
    expect(text).toMatch(/!! peer-silent \? {2}packets 1226, 1227/);
    expect(text).toContain('To be sure: ');
    const one = await tcpwb('analyze', capture('zeek-http-206_example_b.pcap'), '--connection', '1').ended;
    expect(one.stdout).toContain('The server closed first');
  });

  test('--with aligns a capture from the other end', async () => {
    const { status, stdout } = await tcpwb('analyze', HTTP, '--with', HTTP, '--json').ended;
    const aligned = JSON.parse(stdout);
    expect([status, aligned.connections.length, aligned.connections[3].a, aligned.connections[3].b]).toEqual([0, 13, 3, 3]);
    expect(aligned.connections[0].directions.client).toMatchObject({ sent: 45, arrived: 45, lost: 0 });
    expect(aligned.clock.ahead).toBeCloseTo(0, 9);
    expect(aligned.clock.drift).toBeCloseTo(0, 9);
    const rows = (await tcpwb('analyze', HTTP, '--with', HTTP, '--connection', '0').ended).stdout.trim().split('\n');
    expect(rows).toHaveLength(1 + 45 + 88);
    const other = await tcpwb('analyze', HTTP, '--with', capture('zeek-smtp.pcap')).ended;
    expect([other.status, oneLine(other)[0]]).toEqual([2, expect.stringContaining('have no segment in common')]);
  });

  test('standard input, and gzip', async () => {
    const zipped = join(folder, 'http.pcap.gz');
    writeFileSync(zipped, gzipSync(readFileSync(HTTP)));
    const whole = (await tcpwb('analyze', HTTP, '--json').ended).stdout;
    expect((await tcpwb('analyze', zipped, '--json').ended).stdout).toBe(whole);
    const { child, ended } = tcpwb('analyze', '-', '--json');
    child.stdin?.end(readFileSync(HTTP));
    expect((await ended).stdout).toBe(whole);
  });

  test.each([
    ['a file that is not there', join(folder, 'nowhere.pcap'), 'nowhere.pcap'],
    ['a folder', folder, 'folder'],
    ['a file that is no capture', join(ROOT, 'package.json'), 'not a capture'],
  ])('%s: one line, status 2', async (_name, path, says) => {
    const ran = await tcpwb('analyze', path, '--json').ended;
    expect(ran.status).toBe(2);
    expect(ran.stdout).toBe('');
    expect(oneLine(ran)).toHaveLength(1);
    expect(ran.stderr).toContain(says);
  });

  test('a capture that breaks off: what was read, a note, status 0', async () => {
    const cut = join(folder, 'cut.pcap');
    writeFileSync(cut, readFileSync(HTTP).subarray(0, 100_001));
    const ran = await tcpwb('analyze', cut, '--json').ended;
    expect(ran.status).toBe(0);
    expect(JSON.parse(ran.stdout).packets).toBeGreaterThan(50);
    expect(oneLine(ran)).toHaveLength(1);
  });
});

describe('tcpwb text', () => {
  test('a link layer that is not read is named, and is no capture without TCP', async () => {
    const path = join(folder, 'usb.pcap');
    const octets = repeatedSynAcks(1);
    octets[20] = 189; // LINKTYPE_USB_LINUX
    writeFileSync(path, octets);
    const said = '2 of 2 packets were not looked into: their link layer (LINKTYPE 189) is not read here.';
    const { status, stdout, stderr } = await tcpwb('analyze', path, '--json').ended;
    expect({ status, stderr, unread: JSON.parse(stdout).unread }).toEqual({ status: 0, stderr: `tcpwb: ${said}\n`, unread: said });
  });

  test('a connection with any number of events is told in little memory', () => {
    const path = join(folder, 'repeated.pcap');
    writeFileSync(path, repeatedSynAcks(200_000));
    const text = execFileSync(process.execPath, ['--max-old-space-size=40', 'bin/tcpwb.mjs', 'analyze', path, '--json'], {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=40' },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const [connection] = JSON.parse(text).connections;
    expect(connection).toMatchObject({ eventCount: 199_999, packets: { client: 1, server: 200_000 } });
    expect(connection.events).toHaveLength(199_999);
  });

  test('a capture is never written over while it is read, whatever name it is given', async () => {
    const own = join(folder, 'own.pcap');
    const linked = join(folder, 'linked.pcap');
    const hard = join(folder, 'hard.pcap');
    copyFileSync(HTTP, own);
    symlinkSync(own, linked);
    linkSync(own, hard);
    for (const to of [own, linked, hard])
      for (const args of [
        ['analyze', own, '-w', to],
        ['follow', own, '--connection', '0', '-w', to],
        ['capture', '-r', own, '-w', to],
      ])
        expect(await tcpwb(...args).ended).toMatchObject({ status: 2, stderr: expect.stringContaining('is the capture itself') });
    expect(readFileSync(own)).toEqual(readFileSync(HTTP));
  }, 60_000);

  test('a pipe comes once: what reads a capture twice says so and waits for nobody', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const args of [
      ['follow', pipe, '--connection', '0'],
      ['text', pipe, '-Y', 'ip.ttl == 64'],
    ])
      expect(await tcpwb(...args).ended).toMatchObject({ status: 2, stderr: expect.stringContaining('comes once') });
  });

  test('what cannot be written is told in one line, status 2', async () => {
    const full = 'Cannot write /dev/full: the disk is full.';
    expect(await tcpwb('follow', HTTP, '--connection', '0', '-w', '/dev/full').ended).toMatchObject({
      status: 2,
      stderr: `tcpwb: ${full}\n`,
    });
    expect(await tcpwb('analyze', HTTP, '-w', '/dev/full', '--summary').ended).toMatchObject({ status: 2, stderr: `tcpwb: ${full}\n` });
    const command = `node bin/tcpwb.mjs text '${HTTP}' > /dev/full; echo $?`;
    expect(execFileSync('sh', ['-c', `{ ${command} ; } 2>&1`], { cwd: ROOT, encoding: 'utf8' })).toBe(
      'tcpwb: Cannot write standard output: the disk is full.\n2\n',
    );
  });

  test('a reader that leaves early ends it quietly', async () => {
    const child = spawn('sh', ['-c', `{ node ${join(ROOT, 'bin', 'tcpwb.mjs')} text ${HTTP}; echo "status $?" >&2; } | head -1`]);
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    let ended = '';
    child.stderr.on('data', (text) => {
      ended += text;
    });
    await once(child, 'close');
    expect(said).toContain('10.0.2.15.55079 > 192.150.187.43.80: Flags [S], seq 3925723113');
    expect(ended).toBe('status 0\n');
  });
});

describe('tcpwb run', () => {
  const script = (text: string) => {
    const path = join(folder, 'script.ts');
    writeFileSync(path, text);
    return path;
  };

  test.each(['01-three-way-handshake', '03-accept-is-not-needed', '08-four-way-close'])('lesson %s passes', async (lesson) => {
    const ran = await tcpwb('run', join('resources', 'lessons', `${lesson}.ts`), '--json').ended;
    expect(ran.status, ran.stdout).toBe(0);
    const report = JSON.parse(ran.stdout);
    expect(report.outcome).toBe('passed');
    expect(report.checks.length).toBeGreaterThan(5);
  });

  test('a failed expectation: status 1, with what was expected and what was seen', async () => {
    const lesson = readFileSync(join(ROOT, 'resources', 'lessons', '01-three-way-handshake.ts'), 'utf8');
    const broken = lesson.replace("toEqual(['client: SYN',", "toEqual(['client: FIN',");
    expect(broken).not.toBe(lesson);
    const ran = await tcpwb('run', script(broken)).ended;
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/FAIL {2}.*\n\s+expected {2}.*client: FIN.*\n\s+seen {6}.*client: SYN/);
  });

  test('a script that is none: status 2 and its line and column', async () => {
    const ran = await tcpwb('run', script('const a = 1;\nconst b = ;\n')).ended;
    expect(ran.status).toBe(2);
    expect(ran.stderr).toMatch(/script\.ts:2:\d+: /);
  });

  test('-w keeps the segments, and the analysis of the file sees what the script did', async () => {
    const kept = join(folder, 'run.pcapng');
    expect((await tcpwb('run', 'resources/lessons/08-four-way-close.ts', '-w', kept).ended).status).toBe(0);
    const { connections } = JSON.parse((await tcpwb('analyze', kept, '--json').ended).stdout);
    const path = (end: 'client' | 'server') => connections[0].states[end].map(({ state }: { state: string }) => state);
    expect(path('client')).toEqual(expect.arrayContaining(['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT']));
    expect(path('server').slice(-3)).toEqual(['CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
  });

  test('the same script and seed give the same octets', async () => {
    const [one, two] = [join(folder, 'one.pcapng'), join(folder, 'two.pcapng')];
    await tcpwb('run', 'resources/templates/echo.ts', '--seed', '7', '-w', one).ended;
    await tcpwb('run', 'resources/templates/echo.ts', '--seed', '7', '-w', two).ended;
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  test('--compare says where the runs of two seeds part', async () => {
    const draws = script('lab.twoHosts();\nawait sleep(1);\nconsole.log(lab.random());\n');
    const [same, parted, broken] = [
      await tcpwb('run', draws, '--seed', '3', '--compare', '3', '--json').ended,
      await tcpwb('run', draws, '--seed', '3', '--compare', '4').ended,
      await tcpwb('run', join(folder, 'nowhere.ts'), '--compare', '4').ended,
    ];
    expect([same.status, JSON.parse(same.stdout).same]).toEqual([0, true]);
    expect(parted.status).toBe(1);
    expect(parted.stdout).toMatch(
      /^The runs are alike in their first 1 event\. Then, in the first: the script: 0\.\d+, at 1 s \(line 3\)\. In the second: /,
    );
    expect([broken.status, oneLine(broken)]).toEqual([2, [expect.stringContaining('there is no such file')]]);
  });
});

describe('arguments', () => {
  test.each([
    [['nonsense'], 'there is no command "nonsense"'],
    [['analyze'], 'FILE is missing'],
    [['analyze', 'a', 'b'], 'unexpected argument "b"'],
    [['capture'], '-i IF is missing'],
    [['capture', '-i', 'lo', '--duration', 'soon'], '--duration takes a number'],
    [['run', 'x.ts', '--target', 'moon'], '--target is engine or kernel'],
    [['bench', 'moon'], 'there is no benchmark "moon"'],
    [['serve', '--port', '70000'], '--port takes a whole number from 0 to 65535'],
    [['text', '--colour', 'x'], '--colour'],
  ])('%j: status 2 and one clear line', async (args, says) => {
    const ran = await tcpwb(...args).ended;
    expect(ran.status).toBe(2);
    expect(oneLine(ran)).toHaveLength(1);
    expect(ran.stderr).toContain(says);
  });
});

describe('a display filter', () => {
  test('text: the lines of the segments that pass, as tshark counts them', async () => {
    const whole = (await tcpwb('text', HTTP).ended).stdout.split('\n');
    const some = await tcpwb('text', HTTP, '-Y', 'tcp.flags.syn == 1 && tcp.flags.ack == 0').ended;
    const lines = some.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(13);
    for (const line of lines) {
      expect(line).toContain('Flags [S]');
      expect(whole).toContain(line);
    }
  });

  test('analyze: connections with a segment that passes, and the frames that do', async () => {
    const { stdout } = await tcpwb('analyze', HTTP, '--json', '-Y', 'tcp.payload contains "HTTP/1.1 404" || tcp.stream == 2').ended;
    const { frames, connections } = JSON.parse(stdout);
    expect(connections.map(({ id }: { id: number }) => id)).toContain(2);
    expect(connections.length).toBeLessThan(13);
    expect(frames.length).toBeGreaterThan(2);
    const closing = await tcpwb('analyze', HTTP, '-Y', 'tcp.state.server == CLOSE-WAIT').ended;
    expect(closing.stdout).toMatch(/\d+ segments of \d+ connections pass the filter/);
  });

  test('what is wrong with it is shown with a caret, status 2', async () => {
    const ran = await tcpwb('text', HTTP, '-Y', 'tcp.prt == 80').ended;
    expect(ran.status).toBe(2);
    expect(oneLine(ran)).toEqual([
      'tcpwb: the filter is wrong, line 1, column 1: "tcp.prt" is neither a field nor a protocol. Did you mean tcp.port?',
      '    tcp.prt == 80',
      '    ^~~~~~~',
    ]);
  });
});

describe('tcpwb follow', () => {
  test('text names who speaks; raw is what was said; hex shows both', async () => {
    const text = (await tcpwb('follow', HTTP, '--connection', '0').ended).stdout;
    expect(text).toMatch(/^--- client\nGET \/ HTTP\/1.1\nHost: /);
    expect(text).toContain('\n--- server\nHTTP/1.1 200 OK\n');
    const file = join(folder, 'said.bin');
    const raw = await tcpwb('follow', HTTP, '--connection', '0', '--as', 'raw', '--direction', 'server', '-w', file).ended;
    expect(raw).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(file).subarray(0, 17).toString()).toBe('HTTP/1.1 200 OK\r\n');
    const lines = (await tcpwb('follow', HTTP, '--connection', '0', '--json').ended).stdout.trimEnd().split('\n');
    const server = lines.map((line) => JSON.parse(line)).filter(({ from }) => from === 'server');
    expect(server.map(({ octets }) => octets).join('')).toBe(readFileSync(file).toString('hex'));
    expect((await tcpwb('follow', HTTP, '--connection', '0', '--as', 'hex').ended).stdout).toContain(
      '\n00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..\n',
    );
  });

  test('what is missing is told', async () => {
    const gap = await tcpwb('follow', capture('zeek-http-entity_gap2.pcap'), '--connection', '0').ended;
    expect(gap.stdout).toContain('[1448 octets missing in the capture]');
    const raw = await tcpwb('follow', capture('zeek-http-entity_gap2.pcap'), '--connection', '0', '--as', 'raw').ended;
    expect(oneLine(raw)).toEqual(['tcpwb: 1448 octets are missing in the capture']);
  });

  test.each([
    [['--connection', '13'], 'there is no connection 13'],
    [[], '--connection N is missing'],
    [['--connection', '0', '--as', 'html'], '--as takes text, hex, raw'],
    [['--connection', '0', '-w', '/nowhere/x'], 'cannot write /nowhere/x'],
  ])('%s: one line, status 2', async (args, says) => {
    const ran = await tcpwb('follow', HTTP, ...args).ended;
    expect(ran.status).toBe(2);
    expect(oneLine(ran)).toHaveLength(1);
    expect(ran.stderr).toContain(says);
  });
});
