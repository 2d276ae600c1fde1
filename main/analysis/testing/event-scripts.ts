/** Conversations, each for a kind of event or what is easily taken for one. */
export const EVENTS: readonly { readonly name: string; readonly script: string; readonly events: string }[] = [
  {
    name: 'a retransmission comes after a timeout',
    script: `
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > PA 1 1 100
      0.300 > PA 1 1 100`,
    events: 'handshake@3 retransmission@5',
  },
  {
    name: 'a fast retransmission comes after duplicate ACKs',
    script: `
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > A  1 1 100
      0.031 > A  101 1 100
      0.040 < A  1 101
      0.041 > A  201 1 100
      0.042 > A  301 1 100
      0.050 < A  1 101
      0.051 < A  1 101
      0.052 > A  101 1 100`,
    events: 'handshake@3 duplicate-ack@9 duplicate-ack@10 retransmission@11 fast-retransmission@11',
  },
  {
    name: 'an ACK that brings an address of Multipath TCP is no duplicate, one that brings a data sequence signal may be',
    script: `
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > A  1 1 100
      0.040 < A  1 101 options=1e08200100000001
      0.041 < A  1 101 options=1e0834020a000102
      0.050 > A  101 1 100
      0.060 < A  1 201 options=1e08200100000002
      0.061 < A  1 201 options=1e08200100000002`,
    events: 'handshake@3 duplicate-ack@9',
  },
  {
    name: 'a spurious retransmission had been acknowledged',
    script: `
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > PA 1 1 100
      0.040 < A  1 101
      0.300 > PA 1 1 100`,
    events: 'handshake@3 retransmission@6 spurious-retransmission@6',
  },
  {
    name: 'out of order: less than a round trip late',
    script: `
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > A  101 1 100
      0.031 > A  1 1 100`,
    events: 'handshake@3 lost-segment@4 out-of-order@5',
  },
  {
    name: 'an ACK of what the capture missed, said once',
    script: `
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 < A  1 501
      0.040 < A  1 601`,
    events: 'handshake@3 ack-lost-segment@4',
  },
  {
    name: 'a closed window, probed, and open again',
    script: `
      0.000 > S  0 win=1000
      0.010 < SA 0 1 win=100
      0.020 > A  1 1
      0.030 > PA 1 1 100
      0.040 < A  1 101 win=0
      0.240 > A  101 1 1
      0.250 < A  1 101 win=0
      0.300 < A  1 101 win=5000`,
    events: 'handshake@3 window-full@4 zero-window@5 zero-window-probe@6 zero-window@7 zero-window-probe-ack@7 window-update@8',
  },
  {
    name: 'a window fills by its scaled size, but not before the scale is in force',
    script: `
      0.000 > S  0 scale=2
      0.010 < SA 0 1 win=100 scale=3
      0.020 > A  1 1 100
      0.030 < A  1 101 win=100
      0.040 > A  101 1 100
      0.050 > A  201 1 700`,
    events: 'window-full@3 handshake@3 window-full@6',
  },
  {
    name: 'a keep-alive and its answer',
    script: `
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > PA 1 1 10
      0.040 < A  1 11
      60.00 > A  10 1
      60.01 < A  1 11`,
    events: 'handshake@3 keep-alive@6 keep-alive-ack@7',
  },
  {
    name: 'the refusal of a SYN says nothing of numbering',
    script: `
      0.000 > S  0
      0.010 < RA -5000 1
      0.020 < SA 0 1`,
    events: 'refused@2 reused-ports@3',
  },
];
