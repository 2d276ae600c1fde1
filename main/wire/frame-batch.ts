/**
 * A run of captured frames in columns: what every capture source delivers and the analysis reads. Octets lie back to
 * back in `data`, so a batch costs a few allocations however many frames it holds. Frame `i` is
 * `data.subarray(offset[i], offset[i] + capturedLength[i])`.
 */
export interface FrameBatch {
  readonly count: number;
  readonly data: Uint8Array;
  readonly offset: Uint32Array;
  readonly capturedLength: Uint32Array;
  /** Octets on the wire, before the snapshot length cut them. */
  readonly originalLength: Uint32Array;
  /** Capture time: whole seconds since 1970 and nanoseconds within the second. */
  readonly seconds: Float64Array;
  readonly nanoseconds: Uint32Array;
  /** LINKTYPE_* of each frame; a pcapng file may mix them. */
  readonly linkType: Uint16Array;
  /** Which interface of the capture saw the frame, counted from 0 over the whole stream. */
  readonly interfaceId: Uint16Array;
  /** Octet position of the frame's data in its (uncompressed) capture file, so that payload can be left there. */
  readonly position: Float64Array;
}
