import { CONGESTION_CONTROLS, type CongestionControlName } from './tcp/congestion/control.ts';

export type SysctlValue = number | readonly number[] | string;

/** What a host may be tuned with: Linux's names and the defaults of Linux 6.18. */
export const SYSCTL_DEFAULTS = {
  'net.core.somaxconn': 4096,
  'net.core.rmem_default': 212_992,
  'net.core.wmem_default': 212_992,
  'net.core.rmem_max': 4_194_304,
  'net.core.wmem_max': 4_194_304,
  'net.ipv4.icmp_ratelimit': 1000, // milliseconds
  'net.ipv4.ip_forward': 0,
  'net.ipv4.ip_local_port_range': [32_768, 60_999],
  'net.ipv4.ip_no_pmtu_disc': 0,
  'net.ipv4.route.min_pmtu': 552,
  'net.ipv4.route.mtu_expires': 600, // seconds
  'net.ipv4.tcp_abort_on_overflow': 0,
  'net.ipv4.tcp_adv_win_scale': 1,
  'net.ipv4.tcp_congestion_control': 'cubic',
  'net.ipv4.tcp_early_retrans': 3, // 3 and 4: tail loss probes
  'net.ipv4.tcp_ecn': 2, // 0 never, 1 ask for it, 2 agree when asked
  'net.ipv4.tcp_ecn_fallback': 1,
  'net.ipv4.tcp_fastopen': 1, // bits: 1 client, 2 server, 4 client without cookie, 0x200 server without cookie, 0x400 every listener
  'net.ipv4.tcp_fastopen_blackhole_timeout_sec': 0, // seconds; 0: clients never pause
  'net.ipv4.tcp_fastopen_key': '00000000-00000000-00000000-00000000', // as long as nobody sets one, the host draws its own
  'net.ipv4.tcp_fin_timeout': 60, // seconds
  'net.ipv4.tcp_frto': 2,
  'net.ipv4.tcp_invalid_ratelimit': 500, // milliseconds
  'net.ipv4.tcp_keepalive_intvl': 75, // seconds
  'net.ipv4.tcp_keepalive_probes': 9,
  'net.ipv4.tcp_keepalive_time': 7200, // seconds
  'net.ipv4.tcp_max_orphans': 131_072, // Linux scales this one and the next two with its memory
  'net.ipv4.tcp_max_reordering': 300, // segments
  'net.ipv4.tcp_max_syn_backlog': 2048,
  'net.ipv4.tcp_max_tw_buckets': 131_072,
  'net.ipv4.tcp_min_snd_mss': 48,
  'net.ipv4.tcp_min_tso_segs': 2, // segments in a buffer that is left to the link to cut, at least
  'net.ipv4.tcp_moderate_rcvbuf': 1,
  'net.ipv4.tcp_notsent_lowat': 4_294_967_295,
  'net.ipv4.tcp_orphan_retries': 0, // 0 means 8
  'net.ipv4.tcp_pacing_ca_ratio': 120, // percent of window over round trip
  'net.ipv4.tcp_pacing_ss_ratio': 200,
  'net.ipv4.tcp_pingpong_thresh': 1,
  'net.ipv4.tcp_reordering': 3, // segments
  'net.ipv4.tcp_retries2': 15,
  'net.ipv4.tcp_rfc1337': 0,
  'net.ipv4.tcp_rmem': [4096, 131_072, 33_554_432],
  'net.ipv4.tcp_sack': 1,
  'net.ipv4.tcp_slow_start_after_idle': 1,
  'net.ipv4.tcp_syn_linear_timeouts': 4, // so many SYNs wait equally long before the wait doubles
  'net.ipv4.tcp_stdurg': 0,
  'net.ipv4.tcp_syn_retries': 6,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_syncookies': 1, // 0 never, 1 when the SYN queue is full, 2 always
  'net.ipv4.tcp_timestamps': 1,
  'net.ipv4.tcp_tso_rtt_log': 9, // such buffers halve for each 2^9 microseconds of the shortest round trip
  'net.ipv4.tcp_tso_win_divisor': 3, // that part of the window is sent without waiting for more
  'net.ipv4.tcp_tw_reuse': 2, // 0 never, 1 always, 2 on loopback
  'net.ipv4.tcp_tw_reuse_delay': 1000, // milliseconds
  'net.ipv4.tcp_window_scaling': 1,
  'net.ipv4.tcp_wmem': [4096, 16_384, 4_194_304],
  'net.ipv6.bindv6only': 0,
  'net.ipv6.conf.all.forwarding': 0,
  'net.unix.max_dgram_qlen': 10,
} as const satisfies Record<string, SysctlValue>;

/** What those look like which are no numbers. */
const TEXTS: { readonly [N in SysctlName]?: { readonly like: RegExp; readonly called: string } } = {
  'net.ipv4.tcp_congestion_control': {
    like: new RegExp(`^(${CONGESTION_CONTROLS.join('|')})$`),
    called: `one of ${CONGESTION_CONTROLS.join(', ')}`,
  },
  'net.ipv4.tcp_fastopen_key': {
    like: /^[0-9a-f]{1,8}(-[0-9a-f]{1,8}){3}(,[0-9a-f]{1,8}(-[0-9a-f]{1,8}){3})?$/i,
    called: 'four words of up to eight hexadecimal digits with - between them, or two such keys with a comma',
  },
};

export type SysctlName = keyof typeof SYSCTL_DEFAULTS;
type Value<N extends SysctlName> = (typeof SYSCTL_DEFAULTS)[N] extends readonly number[]
  ? readonly number[]
  : N extends 'net.ipv4.tcp_congestion_control'
    ? CongestionControlName
    : (typeof SYSCTL_DEFAULTS)[N] extends string
      ? string
      : number;
export type SysctlSettings = { readonly [N in SysctlName]?: Value<N> };

const isSysctl = (name: string): name is SysctlName => Object.hasOwn(SYSCTL_DEFAULTS, name);

/** The tunables of one host. */
export class Sysctls {
  private readonly values: { [N in SysctlName]: SysctlValue };
  /** As they stand at this moment, for what is asked with every segment: a property read in place, where `get` has to look the name up. */
  readonly now: { readonly [N in SysctlName]: Value<N> };
  private readonly given = new Set<SysctlName>();
  /** How often one was set: what was worked out of them holds as long as this stays the same. */
  changes = 0;

  constructor(settings: SysctlSettings = {}) {
    this.values = { ...SYSCTL_DEFAULTS };
    this.now = this.values as { readonly [N in SysctlName]: Value<N> };
    for (const [name, value] of Object.entries(settings)) this.set(name, value as SysctlValue);
  }

  get<N extends SysctlName>(name: N): Value<N> {
    return this.values[name] as Value<N>;
  }

  /** Has somebody set it, if only to its default? */
  isSet(name: SysctlName): boolean {
    return this.given.has(name);
  }

  /** Throws on a name that does not exist or a value of the wrong shape; the message lists what would be right. */
  set(name: string, value: SysctlValue): void {
    if (!isSysctl(name)) throw new RangeError(`no sysctl "${name}"; there are ${Object.keys(SYSCTL_DEFAULTS).join(', ')}`);
    const text = TEXTS[name];
    if (text || typeof value === 'string') {
      if (typeof value !== 'string' || !text?.like.test(value)) throw new RangeError(`sysctl ${name} takes ${text?.called ?? 'numbers'}`);
      this.values[name] = value;
      this.changes++;
      this.given.add(name);
      return;
    }
    const model: SysctlValue = SYSCTL_DEFAULTS[name];
    const numbers = Array.isArray(value) ? value : [value];
    const wanted = Array.isArray(model) ? model.length : 1;
    const isList = Array.isArray(value) === Array.isArray(model);
    if (!isList || numbers.length !== wanted || !numbers.every((n) => Number.isInteger(n) && n >= 0)) {
      throw new RangeError(`sysctl ${name} takes ${wanted} whole number(s) from 0 up, such as ${JSON.stringify(model)}`);
    }
    this.values[name] = Array.isArray(value) ? [...value] : value;
    this.changes++;
    this.given.add(name);
  }

  all(): Readonly<Record<SysctlName, SysctlValue>> {
    return { ...this.values };
  }
}
