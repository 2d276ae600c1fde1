import type { Finding, FindingKind } from '../../preload/contract.ts';

type Side = NonNullable<Finding['side']>;

/** What a finding says, in Chinese. */
interface Said {
  readonly text: string;
  readonly confirm: string;
}

type Sentence = (finding: Finding, value: (name: string) => number) => readonly [text: string, confirm: string];

const NAMES: { readonly [S in Side]: string } = { client: '客户端', server: '服务器' };
const own = ({ side }: Finding): string => (side ? NAMES[side] : '两端');
const peer = ({ side }: Finding): string => (side ? NAMES[side === 'client' ? 'server' : 'client'] : '对端');

function time(seconds: number): string {
  if (seconds >= 120) return `${Math.round(seconds / 60)} 分钟`;
  if (seconds >= 10) return `${Math.round(seconds)} 秒`;
  if (seconds >= 1) return `${seconds.toFixed(1)} 秒`;
  if (seconds >= 0.001) return `${Number((seconds * 1e3).toPrecision(3))} 毫秒`;
  return `${Math.round(seconds * 1e6)} 微秒`;
}
const octets = (n: number): string => (n >= 10e6 ? `${Math.round(n / 1e6)} MB` : n >= 10e3 ? `${Math.round(n / 1e3)} kB` : `${n} 字节`);
const percent = (share: number): string => `${Math.round(share * 100)}%`;
const bits = (perSecond: number): string =>
  perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(1)} Mbit/s` : `${(perSecond / 1e3).toFixed(1)} kbit/s`;

const TRACE = '跟踪该程序的系统调用（`strace -e trace=network,close`）。';
const RESET_WORDS: { readonly [reason: string]: (finding: Finding) => readonly [string, string] } = {
  forged: (f) => [
    `但这个 RST 的 TTL 与该端其他报文段不同，或者${own(f)}之后仍在正常通信：可能是途中的防火墙或攻击者冒名发出的。`,
    `在${own(f)}处抓包：不是它发出的 RST 就是伪造的。`,
  ],
  'after-close': (f) => [
    `它的程序已经关闭，而${peer(f)}还在发送。`,
    `${own(f)}的程序在读完之前就调用了 close()，而不是 shutdown(SHUT_WR)。`,
  ],
  'after-both-closed': () => ['此时两端都已关闭，没有丢失任何数据；只是缩短了 TIME-WAIT。', '有些程序设置 SO_LINGER 0 来避开 TIME-WAIT。'],
  'gave-up': (f) => [`多次重传都得不到${peer(f)}的回应，于是放弃。`, `当时${peer(f)}或通往它的路径是否中断？`],
  keepalive: (f) => [`保活探测一直得不到${peer(f)}的回应。`, `当时${peer(f)}或通往它的路径是否中断？`],
  forgotten: (f) => [
    `它的回答表明它不认识这个连接：主机重启过，程序在数据到达前就关闭了，或者 NAT、防火墙忘记了这个连接。`,
    `当时在${own(f)}主机上运行 \`ss -tn\`；RST 的 TTL 能说明是主机还是途中设备发出的。`,
  ],
  'at-once': () => [
    '握手刚完成就发出 RST，自己一个字节都没有发送：全连接队列已满且设置了 tcp_abort_on_overflow，或者接受连接的程序立即中止了它。',
    '在服务器上查看 `nstat TcpExtListenOverflows` 和 `sysctl net.ipv4.tcp_abort_on_overflow`。',
  ],
  'in-close-wait': (f) => [
    `${peer(f)}已经关闭，${own(f)}没有正常关闭而是中止：有未读或未发的数据，设置了 SO_LINGER 0，或程序已结束。`,
    TRACE,
  ],
  'unread-data': (f) => [
    `它的程序关闭时还有${peer(f)}的数据没有读，或设置了 SO_LINGER 0，或被杀死。${peer(f)}尚未读到的数据就此丢失。`,
    `${TRACE}\`nstat TcpExtTCPAbortOnClose TcpExtTCPAbortOnData\` 会增长。`,
  ],
  abort: () => ['没有未读数据能引起它：是程序主动中止（SO_LINGER 0），或有人结束了程序。', TRACE],
  'not-exact': (f) => [
    `这个 RST 的序号不是${peer(f)}期待的下一个：它回答的是旧报文段，或是旁人的猜测。${peer(f)}应以挑战 ACK 回应（RFC 5961 §3.2）。`,
    `在${own(f)}处抓包，看它是否发出过这个 RST。`,
  ],
};

const LIMITS: { readonly [name: string]: (finding: Finding) => string } = {
  application: (f) => `查看${own(f)}的程序在停顿时做什么。`,
  window: (f) => `在${peer(f)}主机上用 \`ss -tm\` 查看接收缓冲区；程序读得更快，或更大的缓冲区，都会放宽窗口。`,
  network: (f) => `在${own(f)}主机上用 \`ss -ti\` 查看 cwnd 与 ssthresh。`,
};

/** SYNs of several connections that a full queue left without an answer. */
const unanswered = (queue: string, { ambiguous }: Finding, v: (name: string) => number): readonly [string, string] => [
  `${v('connections')} 个连接的 ${v('syns')} 个 SYN 没有得到回应，当时已有 ${v('holds')} 个连接在等待；较少时每个都得到了回应。可见监听者的${queue}已满${ambiguous ? '，或者服务器恰好在那时断开' : ''}。`,
  '在服务器上查看 `ss -ltn`（Recv-Q 与 Send-Q）和 `nstat TcpExtListenOverflows TcpExtListenDrops TcpExtTCPReqQFullDrop`。',
];

/** Every kind has its sentences; a number that a finding lacks is left out with what stands around it. */
const SENTENCES: { readonly [K in FindingKind]: Sentence } = {
  'handshake-time': (_, v) => [
    `握手用了 ${time(v('seconds'))}：服务器在 ${time(v('server'))} 后应答，客户端在 ${time(v('client'))} 后应答。`,
    '在另一端抓包，这两部分会互换。',
  ],
  refused: () => [
    '服务器用 RST 拒绝了连接：该端口上没有程序监听，或者防火墙代它回答。',
    '在服务器上用 `ss -ltn` 查看监听者。防火墙的 RST 往往与主机自己的报文有不同的 TTL。',
  ],
  'no-answer': (_, v) => [
    `发出了 ${v('syns')} 个 SYN，${time(v('seconds'))} 内没有任何回应：被过滤器丢弃，主机不在，监听队列已满，或回应走了别的路。`,
    '在服务器处抓包：SYN 到达而无回应，是过滤器或队列满所致（`nstat TcpExtListenDrops`）；没有到达，则在途中丢失。',
  ],
  unreachable: () => ['SYN 得到的是 ICMP 差错，连接从未打开。', '发出 ICMP 的路由器或主机就是拒绝者；检查它的路由与过滤规则。'],
  'syn-resent': ({ reason }, v) => [
    `SYN 发送了 ${v('syns')} 次，多花了 ${time(v('seconds'))}：${
      reason === 'late'
        ? '应答的是先前的 SYN，它来得迟'
        : reason === 'answer-lost'
          ? 'SYN 或其应答在途中丢失'
          : 'SYN 丢失，或因队列已满而被忽略'
    }。`,
    '在服务器处抓包：到达而未回应的 SYN 是被忽略的（`nstat TcpExtListenOverflows TcpExtListenDrops` 增长），没有到达的是丢失的。',
  ],
  'syn-ack-resent': () => [
    '客户端已经应答，服务器仍重发 SYN,ACK：ACK 在途中丢失，或被已满的全连接队列丢弃，或监听者在等待数据（TCP_DEFER_ACCEPT）。',
    '在服务器处抓包看 ACK 是否到达。队列已满时 `nstat TcpExtListenOverflows` 增长。',
  ],
  'accept-queue-full': (f, v) =>
    f.connection === undefined
      ? unanswered('全连接队列', f, v)
      : [
          `客户端的报文段（包括数据）已被捕获，服务器却不断重发 SYN,ACK：${f.ambiguous ? '全连接队列已满而丢弃它们，或者它们全都丢失了' : '全连接队列已满，把它们丢弃了'}。客户端一直以为连接已经打开。`,
          '在服务器上 `ss -ltn` 显示监听者的 Recv-Q 大于 Send-Q，`nstat TcpExtListenOverflows` 增长。',
        ],
  'syn-queue-full': (f, v) => unanswered('半连接队列', f, v),
  'half-open': ({ reason }) =>
    reason === 'reset'
      ? [
          '客户端用 RST 回答 SYN,ACK，从未打开连接：端口扫描，程序已放弃，或主机从未发送过 SYN（地址被伪造）。',
          '同一地址对许多端口都这样，就是扫描。',
        ]
      : reason === 'answer-not-captured'
        ? [
            '没有捕获到客户端对 SYN,ACK 的应答，服务器也没有重发：客户端多半应答了，只是抓包有过滤或只有单向。',
            '检查抓包过滤器；在服务器处抓包。',
          ]
        : [
            '客户端从未应答 SYN,ACK：SYN,ACK 或其 ACK 在途中丢失，客户端已不在，或地址是伪造的（SYN 洪泛）。服务器把它留在半连接队列里。',
            '在客户端处抓包看 SYN,ACK 是否到达。服务器上 `ss -n state syn-recv` 显示等待的数目。',
          ],
  'closed-first': (f) => [`${own(f)}先关闭。`, `在${own(f)}主机上 \`ss -tn state time-wait\` 会显示它一分钟。`],
  'close-wait': (f, v) => [
    f.reason === 'ended'
      ? `${peer(f)}关闭之后，${own(f)}在 CLOSE-WAIT 停留了 ${time(v('seconds'))}：它的程序迟迟没有调用 close()。`
      : `${own(f)}没有关闭这个连接：自${peer(f)}关闭以来，它在 CLOSE-WAIT 已有 ${time(v('seconds'))}。程序没有调用 close()，没有任何定时器会结束这个状态。`,
    `在${own(f)}主机上 \`ss -tnp state close-wait\` 会指出持有该套接字的进程。`,
  ],
  reset: (f) => {
    const [why, confirm] = RESET_WORDS[f.reason ?? '']?.(f) ?? ['', TRACE];
    return [`${own(f)}重置了连接：${why}`, confirm];
  },
  'round-trip': (f, v) => [
    `从抓包处到${own(f)}再返回：最短 ${time(v('min'))}，一半低于 ${time(v('median'))}，95% 低于 ${time(v('p95'))}，最长 ${time(v('max'))}（${v('count')} 个确认，含延迟确认）。`,
    '最短的是路径本身的时间，其余是排队或延迟确认。`ping` 只给出路径的时间。',
  ],
  'response-time': (_, v) => [
    `服务器应答客户端的数据 ${v('count')} 次：最快 ${time(v('min'))}，一半低于 ${time(v('median'))}，最慢 ${time(v('max'))}。${v('slow') > 0 ? `其中 ${v('slow')} 次超过一秒：程序想了那么久，或那时才有话说。` : ''}`,
    '查看服务器自己的请求日志；若客户端并没有提问，那就不是应答。',
  ],
  transfer: (f, v) => [
    `${own(f)}在 ${time(v('seconds'))} 内发送了 ${octets(v('octets'))}，平均 ${bits(v('bitsPerSecond'))}，停顿计算在内。`,
    `若有什么限制了它，见“受限于”一条。`,
  ],
  'limited-by': (f, v) => [
    `${own(f)}发送的 ${time(v('seconds'))} 里，受限于：自己的程序（没有数据可发）${percent(v('application'))}，${peer(f)}的接收窗口 ${percent(v('window'))}，拥塞窗口与路径 ${percent(v('network'))}。`,
    (LIMITS[f.reason ?? ''] ?? LIMITS.network!)(f),
  ],
  retransmissions: (f, v) => {
    const causes = [
      ['快速重传', 'fast'],
      ['超时', 'timeout'],
      ['尾部探测', 'tailProbe'],
      ['定时器（超时或尾部探测）', 'timer'],
      ['不必要', 'needless'],
      ['原因不明', 'unclear'],
    ] as const;
    const list = causes.filter(([, name]) => v(name) > 0).map(([words, name]) => `${words} ${v(name)}`);
    return [
      `${own(f)}重传了 ${v('count')} 个报文段（占其数据的 ${percent(v('share'))}）：${list.join('，')}。${v('waitedSeconds') > 0 ? `等待定时器用了 ${time(v('waitedSeconds'))}。` : ''}`,
      `在另一端抓包：\`tcpwb analyze A --with B\` 能说明是哪个方向丢失的。${own(f)}主机上的 \`nstat TcpExtTCPTimeouts TcpExtTCPFastRetrans TcpExtTCPLossProbes\` 给出原因。`,
    ];
  },
  'peer-silent': (f, v) => [
    `${own(f)}沉默了：${peer(f)}在 ${time(v('seconds'))} 内重发了 ${v('repetitions')} 次，没有任何回应。主机已停或不可达，途中设备丢弃了报文，或路径 MTU 比报文段小。`,
    `对${own(f)}执行 \`ping\`，并在那里抓包；MTU 用 \`ping -M do -s 1472\` 检查。`,
  ],
  'capture-gaps': () => [
    '抓包不完整：某一端确认了从未捕获的数据。这里关于丢包与限制的结论不那么可靠。',
    '查看抓包程序自己的丢包计数；或者部分流量走了别的路。',
  ],
  'captured-twice': (_, v) => [
    `有 ${v('copies')} 个报文被捕获了两次（相同的首部与 IP 标识）：这里略过它们；Wireshark 在它们上标记的重传与重复 ACK 都不是真的。`,
    '只在一个接口上抓包，不要同时抓网桥及其成员，也不要用 `any`。',
  ],
  offload: ({ reason }) =>
    reason === 'checksum'
      ? [
          '校验和留给了网卡，在捕获之后才填写。这里错误的校验和并不是数据损坏。',
          '在另一台机器上抓包，或先执行 `ethtool -K IF tx off`，校验和就会正确。',
        ]
      : [
          '有的报文段比对端接受的最大段更长：它们是在网卡切分之前（TSO、GSO）或接收方合并之后（GRO）捕获的。线路上的报文段更多也更小。',
          '`ethtool -k IF` 显示 tcp-segmentation-offload 与 generic-receive-offload。',
        ],
  'bad-checksum': (f, v) => [
    `${own(f)}有 ${v('count')} 个报文段校验和错误：它们在途中被改变，被${peer(f)}丢弃。`,
    `${peer(f)}的丢弃计数（TcpInCsumErrors）；它们携带的数据是否重发过。`,
  ],
  'zero-window': (f, v) => [
    `${own(f)}的接收缓冲区满了 ${v('spells')} 次，共 ${time(v('seconds'))}，最长一次 ${time(v('longest'))}${f.reason === 'still-closed' ? '，而且现在仍然是满的' : ''}：它的程序读得没有${peer(f)}发得快。`,
    `在${own(f)}主机上 \`ss -tm\`：Recv-Q 一直很大。那段时间程序在做什么？加大 SO_RCVBUF 只是推迟问题。`,
  ],
  'delayed-ack': (f, v) => [
    `${own(f)}延迟发送 ACK（${v('count')} 次，${time(v('shortest'))} 到 ${time(v('longest'))}）。没有什么因此而等待。`,
    '只要发送方随后没有小块数据要发，延迟确认并不浪费时间。',
  ],
  'nagle-delayed-ack': (f, v) => [
    `${own(f)}等待${peer(f)}的延迟确认 ${v('stalls')} 次，共 ${time(v('seconds'))}，才发出手中的数据：Nagle 算法在有数据未确认时扣住小报文段，而接收方又推迟它的 ACK。`,
    `一次调用写完一个消息，或在${own(f)}的程序里设置 TCP_NODELAY，停顿就会消失。\`strace -e trace=write,send\` 能看到这些小的写操作。`,
  ],
  'small-mss': (f, v) => [
    v('mss') > 0
      ? `${own(f)}只宣告了 ${v('mss')} 字节的最大段长度，因此${peer(f)}发送小报文段。`
      : `${own(f)}没有宣告最大段长度，${peer(f)}只能按默认值发送。`,
    'SYN 离开主机时就是这样吗？途中的隧道或防火墙可能改写或去掉这个选项。',
  ],
  'path-mtu-reduced': (f, v) => [
    `一台路由器说${own(f)}的报文段对下一跳太大${v('mtu') > 0 ? `（MTU ${v('mtu')}）` : ''}。${f.reason === 'ignored' ? '但它继续发送同样大小的报文段，无法通过。' : '它已经调整。'}`,
    f.reason === 'ignored'
      ? `ICMP 报文是否到达${own(f)}主机？丢弃 ICMP 的防火墙会把路径变成黑洞。`
      : `在${own(f)}主机上 \`ip route get\` 显示它学到的 MTU。`,
  ],
  'path-mtu-black-hole': (f, v) => [
    f.reason === 'shrunk'
      ? `${own(f)}的 ${v('stuck')} 字节报文段无法通过，缩小到 ${v('shrunkTo')} 字节就可以：通往${peer(f)}的路径更窄，而且没有 ICMP 报文告知（黑洞）。`
      : `${own(f)}的一个 ${v('stuck')} 字节报文段发送了 ${v('copies')} 次都没有到达，而更小的可以通过：路径多半太窄，而应告知此事的 ICMP 报文被过滤了。`,
    `从${own(f)}主机执行 \`ping -M do -s ${v('stuck') + 12}\` 会失败，小的则成功。可用 \`net.ipv4.tcp_mtu_probing=1\` 或更小的 MTU 绕过。`,
  ],
  fragments: (f, v) => [
    `${own(f)}的 ${v('segments')} 个报文段以 IP 分片到达：途中的链路或隧道比它以为的窄，而且允许分片。丢一个分片就丢整个报文段，有些防火墙会丢弃所有分片。`,
    `在${own(f)}上 \`sysctl net.ipv4.ip_no_pmtu_disc\` 应为 0，使它能学到路径的 MTU；对隧道则应设置 MTU。`,
  ],
  keepalive: (f, v) => [
    `${own(f)}用保活探测（${v('probes')} 次）询问${peer(f)}是否还在；它还在。`,
    `在${own(f)}主机上 \`ss -to\` 显示保活定时器。`,
  ],
  'keepalive-unanswered': (f, v) => [
    `${peer(f)}的 ${v('probes')} 次保活探测没有得到回应：${own(f)}已不在，或途中设备忘记了这个连接。探测达到 tcp_keepalive_probes 次后${peer(f)}就会放弃。`,
    `${own(f)}是否还在，是否还认识这个连接（\`ss -tn\`）？在那里抓包看探测是否到达。`,
  ],
  'out-of-window': (f) => [
    `有以${own(f)}名义发出的报文段，序号远在${peer(f)}的窗口之外，必定被丢弃：旧的重复报文，改写序号的设备，或猜测序号的旁人。`,
    `在${own(f)}处抓包，看它是否发送过它们。`,
  ],
  'foreign-segments': (f) => [
    `有以${own(f)}名义发出的报文段，TTL 与前一个不同：路径变了，或由更近或更远的别人发出。`,
    `在${own(f)}处抓包：不是它发送的就是伪造的。`,
  ],
  'time-wait-pile-up': (f, v) => [
    `同时有 ${v('atOnce')} 个连接处于 TIME-WAIT：${own(f)}先关闭，而且短连接一个接一个。`,
    '在该主机上 `ss -tn state time-wait | wc -l`。重用连接，或让对端先关闭，可以避免。',
  ],
  'port-exhaustion': (_, v) => [
    `客户端的端口已经或即将用完：同时有 ${v('atOnce')} 个正在使用或处于 TIME-WAIT，占其范围的 ${percent(v('atOnce') / v('range'))}${v('reusedEarly') > 0 ? `，有 ${v('reusedEarly')} 个端口不得不在 TIME-WAIT 结束之前重用` : ''}。此时 connect() 会以 EADDRNOTAVAIL 失败。`,
    '`sysctl net.ipv4.ip_local_port_range`；重用连接，或设置 `net.ipv4.tcp_tw_reuse=1`。',
  ],
  'half-open-pile-up': (_, v) => [
    `有 ${v('count')} 个连接开始了却没有完成：伪造地址的 SYN 洪泛，或 SYN,ACK 没有到达客户端。`,
    '在服务器上 `ss -n state syn-recv | wc -l` 与 `nstat TcpExtSyncookiesSent`。',
  ],
  'refused-pile-up': (_, v) => [
    `客户端有 ${v('count')} 次连接尝试被拒绝或没有回应：服务已停而客户端不断重试，或者它在扫描。`,
    '那台客户端上运行着什么？`ss -tnp state syn-sent` 会指出程序。',
  ],
  'fragments-missing': ({ reason }, v) =>
    reason === 'first-only'
      ? [
          `有 ${v('datagrams')} 个报文段以 IP 分片到达，却只捕获到第一个分片，因此不属于这里的任何连接。后续分片没有端口号：按端口过滤的抓包会丢掉它们，途中的设备也可能如此。`,
          '在过滤器后加上 `or (ip[6:2] & 0x1fff != 0) or ip6 proto 44` 再抓一次。',
        ]
      : [
          `有 ${v('datagrams')} 个报文段以 IP 分片到达而缺少分片，因此不属于这里的任何连接：分片在途中丢失，或没有捕获到。`,
          '接收方的 `nstat IpReasmFails IpReasmTimeout Ip6ReasmFails` 统计它无法重组的数据报。',
        ],
  'fragments-contradict': (_, v) => [
    `有 ${v('datagrams')} 个报文段的 IP 分片相互重叠或矛盾，正常的发送方不会这样：可能是针对防火墙的攻击（RFC 3128、RFC 5722），或缺少分片时 IP 标识已循环使用（RFC 4963）。因此不读取它们。`,
    '这些报文的地址、TTL 和接口是否一致？接收方的 `nstat IpReasmFails Ip6ReasmFails` 统计它拒绝的数据报。',
  ],
};

/** The finding in Chinese. */
export function findingInChinese(finding: Finding): Said {
  const [text, confirm] = SENTENCES[finding.kind](finding, (name) => finding.values?.[name] ?? Number.NaN);
  return { text, confirm };
}
