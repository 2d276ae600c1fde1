#!/usr/bin/env node
// `npx tcpwb`: the terminal door. The first use, and the first after a change of the sources, builds what is missing.
import { isBuilt, orExplain, setUp } from '../scripts/setup.mjs';

orExplain(async () => {
  if (!isBuilt()) await setUp();
  await import('../out/main/cli.js');
});
