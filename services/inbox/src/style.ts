/** Of the logo, wherever it stands. */
export const logoCss = `
.logo { fill: var(--brand, #a83a1a) }
.logo-line { fill: none; stroke: var(--paper, #fdf8f0); stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round }
.logo-dot { fill: #f3b54a }`

/** The site's colours, light and dark, and its shapes. */
export const css = `
:root { color-scheme: light dark; --paper: #fdf8f0; --card: #fff; --ink: #2b1a12; --soft: #6b5446; --line: #e3d3bd;
  --edge: #8a7565; --brand: #a83a1a; --hover: #8a2c11; --tint: #f5ebdc }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1a1310; --card: #211813; --ink: #f6ece0; --soft: #cbb8a6; --line: #45362d; --edge: #927e6f;
    --brand: #f2976f; --hover: #f8b494; --tint: #2f221b }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 "Inter Variable", Inter, ui-sans-serif, system-ui, sans-serif; overflow-wrap: anywhere }
.skip { position: absolute; inset-block-start: -5rem }
.skip:focus { position: static; padding: .75rem 1rem; color: var(--brand) }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; padding: .625rem 1.25rem;
  border-block-end: 1px solid var(--line) }
.brand { display: flex; align-items: center; gap: .5rem; min-height: 2.75rem; color: var(--ink); text-decoration: none;
  font-weight: 700; font-size: 1.125rem }
.brand svg { width: 2.25rem; height: 2.25rem; flex: none }
${logoCss}
.site { display: flex; align-items: center; min-height: 2.75rem; margin-inline-start: auto; color: var(--brand);
  font-weight: 600; font-size: .875rem; text-underline-offset: 4px }
.site:not(:hover), .back:not(:hover) { text-decoration: none }
form { display: flex; gap: .5rem; flex: 0 1 30rem }
input { flex: 1; min-width: 0; min-height: 2.75rem; padding: .5rem 1rem; border: 1px solid var(--edge);
  border-radius: .75rem; font: inherit; color: var(--ink); background: var(--card) }
::placeholder { color: var(--soft); opacity: 1 }
button { min-height: 2.75rem; padding: .5rem 1.25rem; border: 0; border-radius: 2rem; font: inherit; font-weight: 600;
  cursor: pointer; color: var(--card); background: var(--brand) }
button:hover { background: var(--hover) }
.panes { display: grid; grid-template-columns: minmax(16rem, 26rem) 1fr; align-items: start }
#mails { position: sticky; inset-block-start: 0; height: 100dvh; overflow: auto; border-inline-end: 1px solid var(--line);
  background: var(--card) }
#mails h1, #mails h2 { margin: 0; padding: 1rem 1.25rem 0; font-size: 1.125rem; line-height: 1.4; letter-spacing: 0 }
.count { margin: 0; padding: .25rem 1.25rem .75rem; color: var(--soft); font-size: .875rem; border-block-end: 1px solid var(--line) }
ol { margin: 0; padding: 0; list-style: none }
#mails a { display: block; padding: .75rem 1.25rem; color: inherit; text-decoration: none;
  border-block-end: 1px solid var(--line); border-inline-start: 4px solid transparent }
#mails a:hover { background: var(--tint) }
#mails a[aria-current] { background: var(--tint); border-inline-start-color: var(--brand) }
#mails strong, #mails span, #mails time { display: block }
#mails strong { font-weight: 600 }
#mails span, time, dt { color: var(--soft); font-size: .875rem }
.empty { margin: 0; padding: 4rem 1.5rem; text-align: center; color: var(--soft) }
#mail { min-width: 0 }
article { max-width: 60rem; padding: 1.5rem 2rem }
h1 { margin: 0 0 .75rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em }
dl { display: grid; grid-template-columns: auto 1fr; align-items: baseline; gap: .1rem 1rem; margin: 0 0 1rem }
dd { margin: 0 }
code { font-size: .875rem }
.tabs { display: flex; gap: .25rem; border-block-end: 1px solid var(--line) }
.tabs a { min-height: 2.75rem; padding: .625rem 1rem; color: var(--soft); text-decoration: none;
  border-block-end: 3px solid transparent }
.tabs a[aria-current] { color: var(--brand); border-block-end-color: var(--brand); font-weight: 600 }
/* The mail's own: one that knows no dark mode is dark on white. */
iframe { display: block; width: 100%; height: calc(100dvh - 4rem); min-height: 36rem; margin-block-start: 1rem; border: 1px solid var(--line);
  border-radius: 1rem; color-scheme: light; background: #fff }
pre { margin: 1rem 0 0; padding: 1.25rem; white-space: pre-wrap; font: inherit; background: var(--card);
  unicode-bidi: plaintext; border: 1px solid var(--line); border-radius: 1rem }
.back { display: none; align-items: center; min-height: 2.75rem; margin-block-end: .25rem; color: var(--brand);
  font-weight: 600; text-underline-offset: 4px }
#mail:focus, #mails:focus { outline: none }
:focus-visible { outline: 3px solid var(--brand); outline-offset: -2px }
@media (max-width: 30rem) {
  .brand span { display: none }
}
@media (max-width: 48rem) {
  header { gap: .25rem .5rem; padding-inline: 1rem }
  form { flex: 1 1 100%; order: 1 }
  .panes { display: block }
  .reading #mails, .listing #mail { display: none }
  #mails { position: static; height: auto; border-inline-end: 0 }
  article { padding: .5rem 1rem 1.5rem }
  h1 { font-size: 1.35rem }
  .back { display: inline-flex }
}
`
