#pragma once

namespace cloudmask {

/// The style sheet of every page: light and dark, wide and narrow, screen and paper.
inline constexpr const char* kReportStyle = R"css(
:root{color-scheme:light dark;--page:#fbfbfa;--card:#fff;--ink:#1b2430;--soft:#566274;--line:#d9dee5;--one:#1f6fb2;--two:#c4570c;--shade:rgba(27,36,48,.22);--good:46,125,90;--bad:196,87,12}
@media(prefers-color-scheme:dark){:root{--page:#11161d;--card:#19202a;--ink:#e6ebf2;--soft:#a3afbf;--line:#323d4b;--one:#6cb2f0;--two:#f2a057;--shade:rgba(0,0,0,.6);--good:90,190,140;--bad:242,160,87}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.25rem 4rem;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0;letter-spacing:-.01em}
h2{font-size:1.35rem;margin:3rem 0 .8rem;padding-top:.8rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:0;overflow-wrap:anywhere}
p{max-width:48rem}
a{color:var(--one)}
.under{color:var(--soft);margin:0}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;padding:0;margin:1rem 0 0}
.verdict{font-size:1.15rem}
.notice{border-left:4px solid var(--two);padding:.3rem .8rem;background:var(--card)}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:.8rem;margin:1.2rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem}
.tile dt{color:var(--soft);font-size:.9rem}
.tile dd{margin:0}
.tile strong{display:block;font-size:1.7rem;line-height:1.25;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:.9rem}
.charts .scroll{margin:0}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;align-items:start;margin:1rem 0}
svg{width:100%;height:auto;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
svg text{fill:var(--ink);font-family:inherit;font-size:13px}
svg .title{font-weight:600}
svg .tick{fill:var(--soft);font-size:12px}
svg polyline{fill:none;stroke-width:2;stroke-linejoin:round}
svg polyline.series-1{stroke:var(--one)}
svg polyline.series-2{stroke:var(--two);stroke-dasharray:7 3}
svg polyline.series-3{stroke:rgb(var(--good));stroke-dasharray:2 4}
svg polyline.series-4{stroke:var(--soft);stroke-dasharray:10 3 2 3}
svg polyline.guide{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}
svg circle.series-1{fill:var(--one)}
svg circle.series-2{fill:var(--two)}
svg circle.series-3{fill:rgb(var(--good))}
svg circle.series-4{fill:var(--soft)}
svg .grid{stroke:var(--line)}
svg .axis{stroke:var(--soft)}
svg .mark{stroke:var(--soft);stroke-dasharray:3 3}
.scroll{overflow:auto;max-height:32rem;margin:1rem 0;background:linear-gradient(to right,var(--card) .7rem,transparent) 0 0/2rem 100% no-repeat local,linear-gradient(to left,var(--card) .7rem,transparent) 100% 0/2rem 100% no-repeat local,linear-gradient(to right,var(--shade),transparent) 0 0/.7rem 100% no-repeat scroll,linear-gradient(to left,var(--shade),transparent) 100% 0/.7rem 100% no-repeat scroll,var(--card);border:1px solid var(--line);border-radius:.6rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.93rem}
caption{text-align:left;font-weight:600;padding:.7rem .9rem}
th,td{padding:.35rem .9rem;text-align:right;border-top:1px solid var(--line);white-space:nowrap}
tbody th,tfoot th,thead th:first-child{text-align:left;font-weight:500}
thead th{color:var(--soft);font-weight:500;vertical-align:bottom;white-space:normal;position:sticky;top:0;background:var(--card)}
tfoot th,tfoot td{font-weight:600;position:sticky;bottom:0;background:var(--card)}
table.text{width:auto}
table.text td{text-align:left;white-space:normal;overflow-wrap:anywhere}
.scroll:has(.text){width:fit-content;max-width:100%}
.matrix td{text-align:center}
.matrix thead th{text-align:center}
.matrix td span{color:var(--soft);font-size:.85em}
.matrix .right{background:rgba(var(--good),calc(.08 + .5*var(--share)))}
.matrix .wrong{background:rgba(var(--bad),calc(.08 + .8*var(--share)))}
.ramp{width:2.4em}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;color:var(--soft);font-size:.93rem}
.swatch{display:inline-block;width:.95em;height:.95em;border:1px solid var(--soft);border-radius:.2em;vertical-align:-.1em}
article{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem;margin:1rem 0}
.facts{margin:.1rem 0 .7rem;color:var(--soft);font-size:.93rem}
.pictures{display:grid;grid-template-columns:repeat(5,1fr);gap:.7rem}
.pictures.paired{grid-template-columns:repeat(4,1fr)}
figure{margin:0}
img{display:block;width:100%;height:auto;border-radius:.3rem}
figcaption{color:var(--soft);font-size:.85rem;margin-top:.2rem}
details summary{cursor:pointer}
footer{margin-top:3rem;color:var(--soft);font-size:.9rem}
@media(max-width:46rem){body{padding:1rem .8rem 3rem}.pictures,.pictures.paired{grid-template-columns:repeat(2,1fr)}.tiles{grid-template-columns:repeat(2,1fr)}.tile strong{font-size:1.35rem}th,td{padding:.35rem .6rem}caption{max-width:calc(100vw - 1.8rem)}}
@media(max-width:30rem){svg text{font-size:16px}svg .tick{font-size:15px}}
@media print{nav{display:none}.scroll{overflow:visible;max-height:none}article{break-inside:avoid}}
)css";

}  // namespace cloudmask
