import type { Stage } from './lane.ts';

const ECN = 3;

/** Marks packets that allow it (ECT) as having met congestion (CE) with the probability `marking` (RFC 3168 §5). */
export const mark: Stage = (lane, next) => (packet) => {
  const { trafficClass = 0 } = packet;
  const isAllowed = (trafficClass & ECN) !== 0;
  if (isAllowed && lane.random.chance(lane.settings.marking)) next({ ...packet, trafficClass: trafficClass | ECN });
  else next(packet);
};
