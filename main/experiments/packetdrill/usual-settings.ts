/** Where packetdrill's own tests begin: what they set of a host, where that is not Linux's default (gtests/net/tcp/common). */
const USUAL_SETTINGS = `
ip tcp_metrics flush all
sysctl net.ipv4.tcp_rmem="4096 540000 15728640" net.ipv4.tcp_wmem="4096 262144 4194304"
sysctl net.ipv4.tcp_syn_retries=5 net.ipv4.tcp_slow_start_after_idle=0
sysctl net.ipv4.tcp_early_retrans=4 net.ipv4.tcp_ecn=0
sysctl net.ipv4.tcp_fastopen=0x70403 net.ipv4.tcp_fastopen_key=a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4
`;

/** What stands in for a shell script that is not there, and how that is said. */
export function standIn(path: string): { readonly text: string; readonly said: string; readonly isUsual: boolean } {
  return /(^|\/)defaults\.sh$/.test(path)
    ? { text: USUAL_SETTINGS, said: `${path} stands for the settings of packetdrill’s own tests`, isUsual: true }
    : { text: '', said: `the shell script ${path} is not here; what it sets stays as it is`, isUsual: false };
}
