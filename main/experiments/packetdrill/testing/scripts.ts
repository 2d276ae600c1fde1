/** Scripts of our own, written from the RFCs. */

/** A server that has taken a connection on descriptor 4; the peer's MSS is 1000. */
export const SERVER = `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 5) = 0
+0 < S 0:0(0) win 65535 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 10>
+.01 < . 1:1(0) ack 1 win 512
+0 accept(3, ..., ...) = 4
`;

export const SCRIPTS: Readonly<Record<string, string>> = {
  'three-way handshake, data, four-way close (RFC 9293 §3.5, §3.6)': `${SERVER}
+.1 < P. 1:6(5) ack 1 win 512
+0 > . 1:1(0) ack 6
+0 read(4, ..., 100) = 5
+0 write(4, ..., 7) = 7
+0 > P. 1:8(7) ack 6
+.01 < . 6:6(0) ack 8 win 512
+.1 close(4) = 0
+0 > F. 8:8(0) ack 6
+.01 < F. 6:6(0) ack 9 win 512
+0 > . 9:9(0) ack 7
`,
  'active open with timestamps, and the echo of a timestamp (RFC 7323 §3)': `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 10>
+.02 < S. 500:500(0) ack 1 win 14600 <mss 1460,sackOK,TS val 700 ecr 100,nop,wscale 7>
+0 > . 1:1(0) ack 1 <nop,nop,TS val 120 ecr 700>
+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0
+0 %{ assert tcpi_state == TCP_ESTABLISHED; assert 19000 <= tcpi_rtt <= 21000, tcpi_rtt }%
+0 close(3) = 0
+0 > F. 1:1(0) ack 1 <...>
`,
  'refused, and told so once (RFC 9293 §3.10.7.3)': `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+.1...0.15 connect(3, ..., ...) = -1 ECONNREFUSED (Connection refused)
+0 > S 0:0(0) <...>
+.05 < R. 0:0(0) ack 1 win 0
`,
  'fast retransmit on the third duplicate, repaired by SACK (RFC 5681 §3.2, RFC 6675)': `
--tolerance_usecs=5000
\`sysctl -q net.ipv4.tcp_timestamps=0\`
${SERVER}
+0 write(4, ..., 5000) = 5000
+0 > P. 1:5001(5000) ack 1
+.01 < . 1:1(0) ack 1 win 512 <sack 1001:2001,nop,nop>
+.001 < . 1:1(0) ack 1 win 512 <sack 1001:3001,nop,nop>
+.001 < . 1:1(0) ack 1 win 512 <sack 1001:4001,nop,nop>
+0 > . 1:1001(1000) ack 1
+0 %{
assert tcpi_ca_state == TCP_CA_Recovery, tcpi_ca_state
assert tcpi_sacked == 3, tcpi_sacked
}%
+.1 < . 1:1(0) ack 5001 win 512
+0 %{ assert tcpi_unacked == 0 }%
`,
  'retransmission timeout doubles (RFC 6298 §5.5)': `
\`sysctl -q net.ipv4.tcp_early_retrans=0\`
${SERVER}
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.15~+.25 > P. 1:1001(1000) ack 1
+.35~+.5 > P. 1:1001(1000) ack 1
+* > P. 1:1001(1000) ack 1
+0 < . 1:1(0) ack 1001 win 512
`,
  'a blocking read ends when data comes': `${SERVER}
+.1...0.210 read(4, ..., 100) = 3
+.1 < P. 1:4(3) ack 1 win 512
+0 > . 1:1(0) ack 4
`,
  'defined words, hexadecimal numbers, poll and epoll': `
--define=LENGTH=5
--define=REASON=EAGAIN
${SERVER}
+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 read(4, ..., 0x64) = -1 REASON (Resource temporarily unavailable)
+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 0) = 1
+0 epoll_create(1) = 5
+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, fd=4}) = 0
+0 epoll_wait(5, {events=0, ptr=0}, 1, 0) = 0
+.1 < P. 1:6(LENGTH) ack 1 win 512
+0 > . 1:1(0) ack 6
+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1
+0 ioctl(4, SIOCINQ, [LENGTH]) = 0
+0 recvmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 2}, {..., 3}], msg_flags=0}, 0) = 5
`,
  'what lies outside the window is acknowledged and goes no further (RFC 9293 §3.10.7.4)': `${SERVER}
+.1 < . 100000001:100000002(1) ack 1 win 512
+0 > . 1:1(0) ack 1
`,
  'an ICMP error while connecting is told (RFC 1122 §4.2.3.9)': `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) <...>
+.1 < icmp unreachable port_unreachable [0:0(0)]
+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0
`,
};
