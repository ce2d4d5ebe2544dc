"""The one style sheet of the pages that are handed out, and the policy around it.

Black on white, no decoration; at least 10 pt on paper, on A4 and on Letter; readable
at 400 pixels. The policy lets a page load nothing at all and run nothing: the style
sheet itself is let in by its hash.
"""

import base64
import hashlib

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #fff; color: #111; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 47rem;
  font: 1rem/1.5 "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 {
  font-size: 1.2rem; line-height: 1.3; margin: 2.5rem 0 .75rem;
  padding-top: .5rem; border-top: 2px solid #111;
}
h3 { font-size: 1.05rem; line-height: 1.35; margin: 2rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .5rem 0; }
ul, ol { margin: .5rem 0; padding-left: 1.4rem; }
li { margin: .25rem 0; }
a { color: #0b3d91; }
header ul { list-style: none; padding: 0; }
.first { border: 2px solid #111; padding: .5rem .75rem; font-weight: bold; }
.figures {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
  gap: 1rem 1.5rem; margin: 1rem 0;
}
.figures div {
  display: flex; flex-direction: column-reverse; justify-content: flex-end;
}
.figures dt { line-height: 1.3; }
.figures dd {
  margin: 0; font-size: 2.2rem; line-height: 1.15; font-weight: bold;
  font-variant-numeric: tabular-nums;
}
.scroll { overflow-x: auto; }
svg { display: block; min-width: 41.25rem; width: 100%; height: auto; margin: 1rem 0; }
svg, table { font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; margin: .75rem 0; }
caption { text-align: left; font-weight: bold; padding-bottom: .25rem; }
th, td {
  text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid #767676; font-weight: normal;
}
thead th { overflow-wrap: normal; }
th.number { text-align: right; }
thead th { font-weight: bold; border-bottom: 2px solid #111; }
td ul { list-style: none; margin: 0; padding: 0; }
td li { margin: 0; }
.terms { width: 100%; min-width: 36rem; table-layout: fixed; }
.terms th:first-child { width: 21%; }
.terms th.number { width: 13%; }
.terms th.day { width: 17%; }
.number { text-align: right; padding-right: 1.5rem; }
.balance { columns: 16rem; column-gap: 2rem; margin: .5rem 0; }
.balance div {
  display: flex; justify-content: space-between; gap: 1rem;
  padding: .2rem 0; border-bottom: 1px solid #767676; break-inside: avoid;
}
.balance dd { margin: 0; font-weight: bold; font-variant-numeric: tabular-nums; }
time, td.day { white-space: nowrap; }
.open { border-left: 6px solid #111; padding-left: 1.8rem; }
.late { columns: 9rem; column-gap: 1.5rem; padding-left: 0; list-style: none; }
.late li { margin: 0; break-inside: avoid; }
.beside { break-before: avoid; padding-left: 1.2rem; color: #333; list-style: none; }
.worth { border: 2px solid #111; padding: .25rem 1rem; }
.worth h2 { border: 0; margin: .5rem 0; padding: 0; }
pre {
  font: .95rem/1.45 "Liberation Mono", "DejaVu Sans Mono", Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere;
  border: 1px solid #767676; padding: .5rem .75rem; margin: .5rem 0;
}
@page {
  size: auto; margin: 16mm 15mm 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 10pt sans-serif; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; line-height: 1.4; }
  h1 { font-size: 17pt; }
  h2 { font-size: 13pt; margin-top: 18pt; }
  h3 { font-size: 11.5pt; margin-top: 16pt; }
  h4 { font-size: 10.5pt; }
  h1, h2, h3, h4, caption { break-after: avoid; }
  li, tr, pre, .worth, .first, .figures div, svg, .keep { break-inside: avoid; }
  li.long { break-inside: auto; }
  p, li { orphans: 3; widows: 3; }
  thead { display: table-header-group; }
  .figures dd { font-size: 22pt; }
  .scroll { overflow: visible; }
  svg, .terms { min-width: 0; }
  pre { font-size: 10pt; margin-right: 1px; }
  .check { break-before: page; }
  a { color: #111; text-decoration: none; }
}
"""


def policy() -> str:
    """Return the content security policy of a page that has this style sheet."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
