/**
 * The style sheet of every page: system fonts, one accent colour, light and dark as the system is, tables that become
 * cards on a phone. Contrasts are those of WCAG 2.2 AA.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1c2126;
  --muted: #5a646e;
  --page: #fbfbfc;
  --card: #ffffff;
  --line: #d9dee3;
  --accent: #0b5cad;
  --on-accent: #ffffff;
  --good: #1a6b36;
  --waiting: #7a5200;
  --bad: #a8201a;
  --tint: #eef4fb;
  font: 16px/1.5 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e9ec;
    --muted: #a3adb6;
    --page: #14181c;
    --card: #1c2126;
    --line: #353d45;
    --accent: #7cb8f2;
    --on-accent: #0d1b2a;
    --good: #7fce98;
    --waiting: #e3b860;
    --bad: #f39a92;
    --tint: #1b2a3a;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
main:focus { outline: none; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 2rem 0 .75rem; }
p { max-width: 46rem; margin: .5rem 0; }
code, .name, .path { font-family: ui-monospace, monospace; font-size: .94em; }
.skip { position: absolute; left: -100vw; top: 0; padding: .5rem 1rem; background: var(--card); z-index: 2; }
.skip:focus { left: 0; }
.muted, .none { color: var(--muted); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; padding: .5rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
.brand { font-weight: 700; color: inherit; text-decoration: none; letter-spacing: -.01em; }
.bar nav { flex: 1; }
.bar ul { display: flex; flex-wrap: wrap; gap: .25rem; list-style: none; margin: 0; padding: 0; }
.bar li a { display: block; padding: .4rem .6rem; border-radius: 6px; color: inherit; text-decoration: none; }
.bar li a:hover { background: var(--tint); }
.bar li a[aria-current] { background: var(--tint); color: var(--accent); font-weight: 600; }
.gap { width: 1px; margin: .4rem .5rem; background: var(--line); }
.who { display: flex; align-items: center; gap: .75rem; color: var(--muted); }

button, .button, input, select, textarea { font: inherit; color: inherit; }
input, select, textarea { min-height: 2.5rem; padding: .4rem .6rem; background: var(--card); border: 1px solid var(--muted); border-radius: 6px; max-width: 100%; }
input[type=checkbox], input[type=radio] { min-height: 1.25rem; min-width: 1.25rem; accent-color: var(--accent); vertical-align: middle; }
button, .button { display: inline-block; min-height: 2.5rem; padding: .4rem 1rem; background: var(--accent); color: var(--on-accent); border: 1px solid var(--accent); border-radius: 6px; font-weight: 600; text-decoration: none; cursor: pointer; }
button.quiet, .button.quiet { background: transparent; color: var(--accent); border-color: var(--line); font-weight: 500; }
button.bad { background: transparent; color: var(--bad); border-color: var(--bad); }
button:disabled { opacity: .6; cursor: default; }
label { display: block; font-size: .9rem; color: var(--muted); }
label > input, label > select { display: block; margin-top: .15rem; color: var(--text); font-size: 1rem; }
.filters { display: flex; flex-wrap: wrap; align-items: end; gap: .75rem; margin: 0 0 1rem; }
.filters .wide { flex: 1 1 16rem; }
.filters .wide input { width: 100%; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 1rem 0; }
.actions form { margin: 0; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; margin: 0 0 1.25rem; }
.card > h2:first-child { margin-top: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; margin: 0 0 1.5rem; }
.figure { font-size: 1.9rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.narrow { max-width: 26rem; margin: 8vh auto; }
.narrow input { width: 100%; }
.narrow label { margin: 0 0 .75rem; }
.narrow button, .issuers .button { width: 100%; text-align: center; }
.issuers { display: grid; gap: .5rem; margin: 1rem 0; }

.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .75rem 1rem; font-weight: 600; }
th, td { text-align: left; vertical-align: baseline; padding: .5rem .75rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-size: .85rem; color: var(--muted); font-weight: 600; white-space: nowrap; }
thead th a { color: inherit; text-decoration: none; }
thead th[aria-sort] a::after { content: " ↓"; }
thead th[aria-sort=ascending] a::after { content: " ↑"; }
tbody tr:hover { background: var(--tint); }
tbody th { font-weight: inherit; }
.sub { display: block; color: var(--muted); font-size: .88rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 0; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; }

.badge { white-space: nowrap; font-size: .9rem; }
.badge.good { color: var(--good); }
.badge.waiting { color: var(--waiting); }
.badge.bad { color: var(--bad); font-weight: 600; }
.badge.plain { color: var(--muted); }
.notice { border: 1px solid var(--line); border-left: 5px solid var(--accent); border-radius: 6px; background: var(--card); padding: .5rem 1rem; margin: 0 0 1.25rem; }
.notice.done { border-left-color: var(--good); }
.notice.trouble { border-left-color: var(--bad); }
.empty { text-align: center; padding: 3rem 1rem; background: var(--card); border: 1px dashed var(--line); border-radius: 10px; }
.empty p { margin: .5rem auto; }
.pager { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; margin: .75rem 0; color: var(--muted); }
progress { width: 100%; height: .75rem; accent-color: var(--accent); }
figure.plot { margin: 0 0 1.5rem; min-height: 15rem; }
.copy { min-height: 2rem; padding: .15rem .6rem; font-size: .88rem; }

@media (max-width: 44rem) {
  .table { border: 0; background: none; overflow: visible; }
  table, tbody, tr, td, caption { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .5rem .75rem; margin: 0 0 .75rem; }
  td, tbody th { border: 0; padding: .15rem 0; display: block; }
  td[data-label]::before { content: attr(data-label) ": "; color: var(--muted); font-size: .88rem; }
  td.number { text-align: left; }
  dl.facts { grid-template-columns: 1fr; }
  dl.facts dd { margin-bottom: .5rem; }
}
@media (prefers-reduced-motion: no-preference) {
  a, button { transition: background-color .12s; }
}
@media print {
  .bar, .filters, .actions, .pager a { display: none; }
}
`;
