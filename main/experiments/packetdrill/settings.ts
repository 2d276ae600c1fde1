import { type IpAddress, ipVersionOf, parseIpAddress } from '../../wire/ip-address.ts';
import { micros, type Nanos } from '../../wire/units.ts';
import type { Script, ScriptOption } from './script.ts';
import { Miss } from './verdict.ts';

/** IPv6, or IPv4, or IPv4 through sockets of IPv6. */
export type IpVersion = '4' | '6' | '4-mapped';

/** What a run goes by: packetdrill's options and their defaults. */
export interface Settings {
  readonly version: IpVersion;
  /** Of the host under test. */
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly mtu: number;
  /** Where a script's bind() binds and its connect() connects. */
  readonly bindPort: number;
  readonly connectPort: number;
  /** How far an event may be from its time: this, or that many percent of the time since the event before. */
  readonly tolerance: Nanos;
  readonly tolerancePercent: number;
  /** Microseconds of a timestamp's tick; 0: timestamps are not compared. */
  readonly timestampTick: number;
  /** An echo that was never sent as a timestamp is reckoned from the first one. */
  readonly scalesEchoes: boolean;
  /** Segments must come as the script has them; otherwise several may make up one (a kernel cuts them for the device). */
  readonly strictSegments: boolean;
}

const ADDRESSES: { readonly [V in IpVersion]: { readonly local: string; readonly remote: string; readonly mtu: number } } = {
  '4': { local: '192.168.0.1', remote: '192.0.2.1', mtu: 1500 },
  '4-mapped': { local: '192.168.0.1', remote: '192.0.2.1', mtu: 1500 },
  // 20 octets more, so that the segments are as long as with IPv4.
  '6': { local: 'fd3d:a0b:17d6::1', remote: 'fd3d:fa7b:d17d::1', mtu: 1520 },
};

const VERSIONS: Readonly<Record<string, IpVersion>> = { ipv4: '4', ipv6: '6', 'ipv4-mapped-ipv6': '4-mapped' };

/** Options that have no meaning here: they are about the machine packetdrill runs on, or what it prints. */
const WITHOUT_MEANING = new Set([
  'gateway_ip',
  'netmask_ip',
  'speed',
  'verbose',
  'debug',
  'send_omit_free',
  'code_command',
  'code_format',
  'code_sockopt',
  'define',
  'is_anyip',
  'non_fatal',
  'mss',
]);

/** Words scripts may use without defining them, as packetdrill's own test runner defines them. */
export function usualDefines(version: IpVersion): ReadonlyMap<string, string> {
  const level = version === '4' ? 'IP' : 'IPV6';
  return new Map([
    ['CMSG_LEVEL_IP', `SOL_${level}`],
    ['CMSG_TYPE_RECVERR', `${level}_RECVERR`],
    ...(version === '6' ? [] : ([['CODE', 'host_unreachable']] as const)),
    ['TFO_COOKIE', version === '6' ? 'c1d1e9742a47a9bc' : '3021b9d889017eeb'],
  ]);
}

export function settingsOf(script: Script, asked: IpVersion): Settings {
  const given = new Map(script.options.map((option) => [option.name, option]));
  const version = versionOf(given.get('ip_version'), asked);
  const usual = ADDRESSES[version];
  const settings: Settings = {
    version,
    local: addressOf(given.get('local_ip'), usual.local, version),
    remote: addressOf(given.get('remote_ip'), usual.remote, version),
    mtu: numberOf(given.get('mtu'), usual.mtu, 1280, 65_535),
    bindPort: numberOf(given.get('bind_port'), 8080, 1, 65_535),
    connectPort: numberOf(given.get('connect_port'), 8080, 1, 65_535),
    tolerance: micros(numberOf(given.get('tolerance_usecs'), 4000, 0, 1e9)),
    tolerancePercent: numberOf(given.get('tolerance_percent'), 12.5, 0, 1000),
    timestampTick: numberOf(given.get('tcp_ts_tick_usecs'), 0, 0, 1e6),
    scalesEchoes: given.has('tcp_ts_ecr_scaled'),
    strictSegments: given.has('strict_segments'),
  };
  for (const option of script.options)
    if (!KNOWN.has(option.name) && !WITHOUT_MEANING.has(option.name))
      throw new Miss('mistake', `there is no option --${option.name} here; there are ${[...KNOWN].map((one) => `--${one}`).join(', ')}`).at(
        option,
      );
  return settings;
}

const KNOWN = new Set([
  'ip_version',
  'local_ip',
  'remote_ip',
  'mtu',
  'bind_port',
  'connect_port',
  'tolerance_usecs',
  'tolerance_percent',
  'tcp_ts_tick_usecs',
  'tcp_ts_ecr_scaled',
  'strict_segments',
]);

function versionOf(option: ScriptOption | undefined, asked: IpVersion): IpVersion {
  if (!option) return asked;
  const version = VERSIONS[option.value ?? ''];
  if (!version) throw new Miss('mistake', `--ip_version is one of ${Object.keys(VERSIONS).join(', ')}, not ${option.value}`).at(option);
  return version;
}

/** A script's address of the other version (scripts are written for one) gives way to the usual one. */
function addressOf(option: ScriptOption | undefined, usual: string, version: IpVersion): IpAddress {
  const text = option?.value?.split('/')[0] ?? usual;
  const address = parseIpAddress(text);
  if (address === undefined)
    throw new Miss('mistake', `--${option?.name}: "${text}" is no IP address`).at(option ?? { line: 1, column: 1 });
  return ipVersionOf(address) === (version === '6' ? 6 : 4) ? address : parseIpAddress(usual)!;
}

function numberOf(option: ScriptOption | undefined, usual: number, least: number, most: number): number {
  if (!option) return usual;
  const value = Number(option.value);
  if (!(value >= least && value <= most))
    throw new Miss('mistake', `--${option.name} is from ${least} to ${most}, not ${option.value}`).at(option);
  return value;
}
