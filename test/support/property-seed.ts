import fc from 'fast-check';

/**
 * Property tests draw the same cases every time, so that a red run is red again and CI says the same as a desk. To look
 * further, give another seed, or `FC_SEED=random`; a failure prints its own.
 */
const asked = process.env.FC_SEED;
if (asked !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked ?? 9502) });
