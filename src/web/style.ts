/**
 * The style sheet of all pages. There are no `style` attributes, so the content security policy needs only its hash.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --card: #fff; --ink: #1d2329; --quiet: #555e68; --line: #d4d6d2; --accent: #0b5d57; --on-accent: #fff;
  --late: #a3202d; --late-paper: #fbe9ea; --mark: #fff;
  --unknown: #e3e4e2; --active: #2c7a4b; --restricted: #8f7300; --fee: #b35f00; --receive: #2a66ad; --suspended: #9d3556;
  --lost: #2e3135; --reissuable: #71767b;
  font: 1.0625rem/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #13171a; --card: #1c2226; --ink: #e9ecee; --quiet: #a9b3bb; --line: #39424a; --accent: #6fd0c4; --on-accent: #08201e;
    --late: #ff9aa2; --late-paper: #3b1c20; --mark: #13171a;
    --unknown: #343b41; --active: #4cb27b; --restricted: #cdb02e; --fee: #ee9d45; --receive: #6fa9ec; --suspended: #e57f9f;
    --lost: #d9dde0; --reissuable: #959ca2;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { overflow-wrap: break-word; hyphens: auto; margin: 0; background: var(--paper); color: var(--ink) }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1rem }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; justify-content: space-between; padding-block: 1rem }
main { padding-bottom: 3rem }
.brand { margin: 0; font-weight: 700; color: var(--accent) }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem; margin: 0; padding: 0; list-style: none }
nav a { display: block; padding: .35rem .7rem; border-radius: 2rem; color: inherit }
nav a[aria-current] { background: var(--card); border: 1px solid var(--line); text-decoration: none; font-weight: 600 }
h1 { margin: .5rem 0 .5rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere }
h2 { margin: 2rem 0 .75rem; font-size: 1.3rem; line-height: 1.3 }
h3 { margin: 0; font-size: 1.15rem; line-height: 1.35; overflow-wrap: anywhere }
h4 { margin: .75rem 0 .25rem; font-size: 1rem }
p { margin: .5rem 0 }
.lead { max-width: 44rem }
.quiet { color: var(--quiet); font-weight: 400; font-size: .95rem }
.card { margin: 0 0 1rem; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem }
.note { border-left: 4px solid var(--accent); padding: .5rem .75rem; background: var(--card); border-radius: .25rem }
.note.silent { border-color: var(--late) }
a { color: var(--accent) }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .3rem }
.ways { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem }
.ways .card, summary > span { overflow-wrap: anywhere; min-width: 0 }
.ways .card { margin: 0 }
.button, button { display: block; padding: .65rem 1rem; border: 1px solid var(--accent); border-radius: .6rem; background: none; color: var(--accent);
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer }
.first .button { background: var(--accent); color: var(--on-accent); padding: .85rem 1rem; font-size: 1.1rem }
.button:hover, button:hover { text-decoration: underline }
.tag { display: inline-block; margin-bottom: .5rem; font-size: .9rem; font-weight: 600; color: var(--quiet) }
dl { margin: .6rem 0 0 }
dl > div { display: grid; grid-template-columns: minmax(6.5rem, 9rem) 1fr; gap: 0 .75rem; padding: .15rem 0 }
dt { color: var(--quiet) }
dd { margin: 0; overflow-wrap: anywhere }
.ways dl, .address dl { font-size: .95rem }
.ways dl > div, .address dl > div { display: block }
.ways dt, .ways dd, .address dt, .address dd { display: inline }
.ways dt::after, .address dt::after { content: ": " }
:lang(zh) .ways dt::after, :lang(zh) .address dt::after { content: "：" }
.ways p { font-size: .95rem; margin: .5rem 0 0 }
.address label { display: block; font-weight: 600; margin-bottom: .35rem }
.copying { display: flex; flex-wrap: wrap; gap: .5rem }
.copying button { min-width: 0; max-width: 100%; overflow-wrap: anywhere }
.copying input { flex: 1 1 8rem; min-width: 0; padding: .6rem; border: 1px solid var(--quiet); border-radius: .5rem; background: var(--paper); color: inherit; font: .95rem ui-monospace, monospace }
[role=status] { min-height: 1.5em; margin: .25rem 0 0; font-size: .95rem }
[hidden] { display: none }
.scan { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center }
.scan p { flex: 1 1 10rem; margin: 0 }
.qr { width: 10.5rem; max-width: 100%; aspect-ratio: 1; border-radius: .5rem; flex: none }
ol.entries, ol.stages { list-style: none; margin: 0 0 1rem; padding: 0 }
ol.stages { margin: 0 }
ol.entries > li + li, ol.stages > li + li { border-top: 1px solid var(--line) }
summary { cursor: pointer; padding: .6rem .2rem; display: flex; gap: .6rem; align-items: baseline }
ol.entries summary { padding: .7rem 1rem }
summary::-webkit-details-marker { display: none }
summary::after { content: ""; flex: none; margin-left: auto; width: .5em; height: .5em; border: solid var(--quiet); border-width: 0 2px 2px 0; transform: translateY(-.15em) rotate(45deg) }
details[open] > summary::after { transform: rotate(-135deg) }
summary:hover .title, summary:hover > span:last-of-type { text-decoration: underline }
ol.entries time { flex: none; width: 11.5rem; color: var(--quiet) }
.title { overflow-wrap: anywhere; min-width: 0 }
.unfolded { padding: 0 .2rem .8rem; overflow-wrap: anywhere }
ol.entries .unfolded { padding: 0 1rem 1rem }
.entry-text { white-space: pre-line }
.why { padding: .5rem .75rem; border-left: 3px solid var(--line) }
.late { display: inline-block; padding: 0 .5rem; border-radius: 1rem; background: var(--late-paper); color: var(--late); font-size: .9rem; font-weight: 600 }
.left { font-weight: 600 }
.left::before { content: "· " }
.act-by-row time { font-weight: 700 }
.facts { margin-bottom: .5rem }
.facts ul { margin: 0; padding-left: 1.2rem }
.count { flex: none; min-width: 1.4em; text-align: right; color: var(--quiet); font-variant-numeric: tabular-nums }
.swatch { flex: none; align-self: flex-start; margin-top: .25rem }
dt .swatch { margin: 0 0 0 .2rem }
.timeline { display: block; overflow: visible; margin: .25rem 0 }
.patterns { position: absolute }
.timeline text { font-size: 12.5px; fill: var(--ink) }
.timeline .month { fill: var(--quiet) }
.timeline .today-label, .timeline .act-by-label { font-weight: 600 }
.timeline .act-by-label { fill: var(--late) }
.axis, .tick { stroke: var(--quiet) }
.today { stroke: var(--ink); stroke-width: 2 }
.act-by { stroke: var(--late); stroke-width: 2; stroke-dasharray: 4 3 }
.act-by-mark { fill: var(--late) }
.edge { stroke: var(--card); stroke-width: 3 }
.unsure { fill-opacity: .55; stroke: var(--quiet); stroke-dasharray: 5 3 }
.badge { fill: var(--card); stroke: var(--ink) }
.timeline .number { font-size: 12px; font-weight: 600 }
.marks { fill: none; stroke: var(--mark); stroke-width: 1.4; opacity: .65 }
.marks circle { fill: var(--mark); stroke: none }
.may { stroke: var(--quiet); stroke-dasharray: 3 2 }
.stage-unknown { fill: var(--unknown) } .stage-active { fill: var(--active) } .stage-restricted { fill: var(--restricted) }
.stage-fee_running { fill: var(--fee) } .stage-receive_only { fill: var(--receive) } .stage-suspended { fill: var(--suspended) }
.stage-lost { fill: var(--lost) } .stage-reissuable { fill: var(--reissuable) }
.link header, .link main { max-width: 36rem }
blockquote { margin: 1rem 0; padding: .75rem 1rem; background: var(--card); border-left: 4px solid var(--accent); border-radius: .25rem; white-space: pre-line; overflow-wrap: anywhere }
fieldset { min-width: 0; margin: 1rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .8rem; background: var(--card) }
legend { float: left; width: 100%; padding: 0; margin-bottom: .25rem; font-weight: 600 }
legend + * { clear: both }
form label { display: block; margin: .75rem 0 }
form .asked { display: block; margin-bottom: .25rem }
form .choice { display: flex; gap: .6rem; align-items: baseline }
form input:not([type=radio], [type=checkbox]), select { max-width: 100%; padding: .55rem .6rem; border: 1px solid var(--quiet); border-radius: .5rem; background: var(--paper); color: inherit; font: inherit }
form input:is([type=radio], [type=checkbox]) { flex: none; margin: 0; accent-color: var(--accent) }
form input[inputmode=decimal] { width: 8rem }
form input[type=file] { width: 100%; overflow-wrap: anywhere }
::file-selector-button { margin-right: .6rem; padding: .35rem .7rem; border: 1px solid var(--accent); border-radius: .4rem; background: none; color: var(--accent); font: inherit; cursor: pointer }
[aria-invalid=true] { border-color: var(--late) }
form button:not(.quieter) { background: var(--accent); color: var(--on-accent); padding: .85rem 1.25rem }
.wrong { padding: .25rem 1rem; border-left: 4px solid var(--late); border-radius: .25rem; background: var(--late-paper); color: var(--late); font-weight: 600 }
@media (max-width: 30rem) {
  form button { width: 100% }
  ol.entries summary { flex-wrap: wrap; gap: .1rem .6rem; position: relative; padding-right: 2.2rem }
  ol.entries time { width: 100% }
  ol.entries summary::after { position: absolute; right: 1rem; top: 1.2rem }
  .facts > div, .why > div { grid-template-columns: 1fr; padding: .25rem 0 }
  .card { padding: .85rem }
  h1 { font-size: 1.6rem }
}
@media (min-width: 64rem) {
  .columns { display: grid; grid-template-columns: 25rem minmax(0, 1fr); gap: 0 2.5rem; align-items: start }
  .columns h2:first-child { margin-top: 1.25rem }
}
@media (prefers-reduced-motion: no-preference) { summary::after { transition: transform .15s } }
@media print { nav, .subscribe { display: none } .columns { display: block } .card { break-inside: avoid } }
`;
