/** Light or dark as the reader's system has it; black on white on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --faint: #667085; --line: #d6dbe3; --good: #12703c; --bad: #b3261e;
  --accent: #2457c5; --listening: #e3e8f0; --opening: #ffe2a8; --open: #bfe8cd; --closing: #ffd0c2; --waiting: #ded3f5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #14181f; --faint: #98a2b3; --line: #333c4a; --good: #5fd08f;
  --bad: #ff8a80; --accent: #8ab0ff; --listening: #2b3442; --opening: #6b5312; --open: #1d5b38; --closing: #71382b; --waiting: #463a6e; } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #444; --line: #bbb; --good: #0a5a2c; --bad: #9b1c15;
  --accent: #1a45a0; --listening: #e3e8f0; --opening: #ffe2a8; --open: #bfe8cd; --closing: #ffd0c2; --waiting: #ded3f5; }
  section { break-inside: auto; } li, tr { break-inside: avoid; } .wide { overflow: visible; } .wide svg { max-width: 100%; height: auto; } }
* { box-sizing: border-box; }
body { max-width: 1080px; margin: 0 auto; padding: 24px; color: var(--ink); background: var(--paper);
  font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
header { display: flex; align-items: center; gap: 16px; }
h1 { margin: 0; font-size: 22px; } h2 { margin: 28px 0 8px; font-size: 16px; }
.outcome { margin: 0; padding: 2px 12px; border: 1px solid; border-radius: 999px; font-weight: 600; }
.passed, .good { color: var(--good); } .failed, .error, .bad { color: var(--bad); }
.hint, .time { color: var(--faint); } .time { font-size: 12px; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; } dt { color: var(--faint); } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; } th, td { padding: 4px 8px; border-bottom: 1px solid var(--line); text-align: left; }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; } ol { padding: 0; list-style: none; } li { overflow-wrap: anywhere; }
.checks li { color: var(--ink); } .checks .mark { font-weight: 700; } .checks .good .mark { color: var(--good); } .checks .bad .mark, .why { color: var(--bad); }
.why { padding-left: 20px; } .said li.note { color: var(--accent); } .said li.warn { color: var(--bad); }
.wide { overflow-x: auto; } svg { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .time { fill: var(--faint); font-size: 11px; }
svg .host { font-weight: 600; } svg path { fill: none; stroke: var(--accent); stroke-width: 1.5; } svg .reset path { stroke: var(--bad); }
svg .again path { stroke-dasharray: 5 3; } svg .host-line, svg .tick { stroke: var(--line); stroke-width: 1.5; } svg .flags { font: 11px ui-monospace, monospace; }
rect { stroke: var(--line); } .listening rect { fill: var(--listening); } .opening rect { fill: var(--opening); } .open rect { fill: var(--open); }
.closing rect { fill: var(--closing); } .waiting rect { fill: var(--waiting); }
`;
