import { svgDark, svgLight, svgRules } from './svgStyle.ts'

/** The page shares the palette of the picture, and adds what a page has beside it. */
const light = `color-scheme:light;${svgLight};--rule:#d1d9e0;--soft:#f6f8fa;--link:#0969da;--lock:#8250df;--lock-box:#fbefff;--hit:#fff8c5`
const dark = `color-scheme:dark;${svgDark};--rule:#3d444d;--soft:#151b23;--link:#4493f8;--lock:#ab7df8;--lock-box:#231c3a;--hit:#272115`

const sans = 'ui-sans-serif,system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif'
const mono = 'ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace'

const base = `
*{box-sizing:border-box}
html{font:14px/1.5 ${sans};color:var(--fg);background:var(--bg);scroll-padding-top:6.5rem;-webkit-text-size-adjust:100%}
body{margin:0}
[hidden]{display:none!important}
h1,h2,h3,h4,p,ul,ol,dl,dd,figure{margin:0;padding:0}
h1{font-size:24px;line-height:1.25;font-weight:600;overflow-wrap:anywhere}
h2{font-size:16px;font-weight:600;overflow-wrap:anywhere}
h3,h4{font-size:13px;font-weight:600}
h1 span,h2 span,h3 span,h4 span{font-weight:400;color:var(--mute)}
h2 span,h3 span,h4 span{font-size:13px;margin-left:.35em}
code,kbd,pre,dl.new,dl.old,.diff,abbr{font-family:${mono};font-size:12px}
code{overflow-wrap:anywhere}
small{font-size:12px;color:var(--mute)}
i{color:var(--mute)}
abbr{text-decoration:none;border-bottom:1px dotted var(--line)}
a{color:var(--link);text-decoration:underline 1px var(--line);text-underline-offset:3px}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
main:focus{outline:none}
button,input,select{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--rule);border-radius:6px;height:30px;padding:0 10px}
button{cursor:pointer;white-space:nowrap}
button:hover,select:hover{background:var(--soft)}
ul,ol{list-style:none}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid var(--rule);font-weight:400;overflow-wrap:break-word}
thead th{color:var(--mute);font-size:12px;white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
.skip{position:absolute;left:-999px}
.skip:focus{left:16px;top:8px;z-index:3;background:var(--bg);padding:4px 8px}
`

const frame = `
.top,#filter,main,.foot{max-width:1180px;margin:0 auto;padding-left:24px;padding-right:24px}
.top{display:flex;justify-content:space-between;align-items:center;padding-top:14px;padding-bottom:10px}
.brand{font-weight:600}
.brand span{font-weight:400;color:var(--mute)}
main{padding-bottom:24px}
.foot{color:var(--mute);font-size:12px;padding-top:14px;padding-bottom:40px;border-top:1px solid var(--rule)}
article{padding-top:20px}
article+article{margin-top:40px;border-top:1px solid var(--rule);padding-top:32px}
article>header{margin-bottom:20px}
article>header>h2{font-size:20px}
article>section{margin-top:28px}
article>section>h2,article>section>h3{margin-bottom:8px}
.facts{color:var(--mute);margin-top:4px;overflow-wrap:anywhere}
.facts span:not(:last-child)::after{content:" ·"}
.outcome{font-size:18px;font-weight:600;margin-top:14px}
.stats{display:flex;flex-wrap:wrap;gap:4px 28px;margin-top:6px}
.stats div{display:flex;gap:8px}
.stats dt{color:var(--mute)}
.wide{overflow-x:auto}
.whole{white-space:nowrap}
.more{color:var(--mute);padding-top:6px}
main>h1{padding:20px 0 8px}
`

const filter = `
#filter{position:sticky;top:0;z-index:2;padding-top:8px;padding-bottom:8px;background:var(--bg)}
#filter::after{content:"";position:absolute;left:24px;right:24px;bottom:0;border-bottom:1px solid var(--rule)}
#filter .row{display:flex;flex-wrap:wrap;gap:6px 10px;align-items:center}
#filter .row+.row{margin-top:7px}
#filter select{max-width:16em}
.find{position:relative;flex:0 1 400px}
.find input{width:100%;padding-right:30px}
.find input::placeholder{color:var(--mute);opacity:1}
.find kbd{position:absolute;right:7px;top:6px;color:var(--mute);border:1px solid var(--rule);border-radius:4px;line-height:16px;padding:0 5px;pointer-events:none}
.find input:focus~kbd{display:none}
#filter fieldset{display:flex;flex-wrap:wrap;gap:4px;border:0;margin:0;padding:0;min-width:0}
legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
label{position:relative}
label input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
label span{display:block;line-height:28px;padding:0 9px;border:1px solid var(--rule);border-radius:15px}
label b{font-weight:400;color:var(--mute);font-variant-numeric:tabular-nums}
label input:hover+span{background:var(--soft)}
label input:checked+span{background:var(--f);border-color:var(--c);color:var(--c)}
label input:checked+span b{color:inherit}
label input:focus-visible+span{outline:2px solid var(--link);outline-offset:2px}
#filter output{color:var(--mute);font-variant-numeric:tabular-nums;white-space:nowrap;margin-left:auto}
.buttons{display:flex;gap:4px}
#filter button{border-color:transparent;color:var(--link);padding:0 6px}
#filter [value=close]{margin-right:-6px}
#filter:not([data-active=true]) [value=clear]{visibility:hidden}
`

const colours = `
.create,.k-create{--c:var(--create);--f:var(--create-box)}
.update{--c:var(--update);--f:var(--update-box)}
.replace{--c:var(--replace);--f:var(--replace-box)}
.destroy{--c:var(--delete);--f:var(--delete-box)}
.lock{--c:var(--lock);--f:var(--lock-box)}
.decide{--c:var(--unknown);--f:var(--unknown-box)}
.prove,.call{--c:var(--mute);--f:var(--soft)}
`

const alerts = `
.alert{border:1px solid var(--rule);border-left:3px solid var(--c);border-radius:6px;padding:10px 14px}
article>.alert+.alert,article>header+.alert{margin-top:12px}
.alert.bad{--c:var(--delete)}
.alert.wait{--c:var(--update)}
.alert.quiet{--c:var(--line)}
.alert h2,.alert h3{font-size:14px;margin-bottom:4px}
.alert li{display:flex;flex-wrap:wrap;gap:0 12px;padding:2px 0;overflow-wrap:anywhere}
.alert li>b{flex:0 0 10.5em;font-weight:600;color:var(--delete)}
.alert li>span{flex:1 1 20em}
.alert .k-password>b,.alert .k-interrupt>b,.alert .k-restart>b,.alert .k-exposure>b{color:var(--update)}
.alert .k-unlock>b,.alert .k-inherited-unlock>b{color:var(--lock)}
.alert details>summary{cursor:pointer;color:var(--link);padding:2px 0}
`

const sections = `
.fold>summary{cursor:pointer;list-style:none;display:flex;align-items:center;gap:6px}
.fold>summary::-webkit-details-marker,.wave summary::-webkit-details-marker{display:none}
.fold>summary::before,.wave summary::before{content:"";flex:none;width:6px;height:6px;border:solid var(--mute);border-width:0 1.5px 1.5px 0;transform:rotate(-45deg);margin:0 4px 0 1px}
.fold[open]>summary::before,.wave details[open]>summary::before{transform:translateY(-2px) rotate(45deg)}
.picture{overflow:auto;max-height:78vh;margin-top:8px;border:1px solid var(--rule);border-radius:6px}
.picture svg{display:block;margin:0 auto}
.fits svg{max-width:100%;min-width:860px;height:auto}
.long{max-height:420px}
.locks td{white-space:nowrap}
.bar{display:block;width:150px;height:8px;margin-top:7px}
.bar rect{fill:var(--rule)}
.bar .on{fill:var(--lock)}
.apply pre{position:relative;margin:6px 0 10px;padding:9px 84px 9px 12px;background:var(--soft);border:1px solid var(--rule);border-radius:6px;white-space:pre-wrap}
.apply .copy{position:absolute;right:6px;top:4px;font-family:${sans};font-size:12px;height:26px}
`

/** Lines are no list items to the layout: it would number them anew, all of them, for each one that the filter hides. */
const steps = `
.wave{margin-top:16px}
.wave>h3,.wave>h4{padding-bottom:5px;border-bottom:1px solid var(--rule)}
.wave>ol>li{display:block;border-bottom:1px solid var(--rule);content-visibility:auto;contain-intrinsic-size:auto 33px}
.wave>ol>li:target{background:var(--hit)}
.wave summary{display:grid;grid-template-columns:11px 2.2em 7.6em minmax(0,1fr) auto 4em;gap:0 10px;align-items:baseline;padding:5px 4px;cursor:pointer;list-style:none}
.wave summary:hover{background:var(--soft)}
.wave summary::before{align-self:center}
.n{color:var(--mute);font-size:12px;text-align:right;font-variant-numeric:tabular-nums}
.b{font:600 12px/20px ${mono};color:var(--c);white-space:pre}
.s{overflow-wrap:anywhere}
.s code{font-size:13px}
.s small{margin-left:4px;white-space:nowrap}
.s em,.diff em{font-style:normal;font-size:12px;color:var(--delete);margin-left:4px}
.diff em{font-family:${sans}}
.w,.t{color:var(--mute);font-size:12px;white-space:nowrap;font-variant-numeric:tabular-nums}
.t{text-align:right}
.d{padding:0 4px 10px calc(11px + 2.2em + 24px);overflow-wrap:anywhere}
.d p,.d ul{color:var(--mute);font-size:13px}
.d ul li{padding-left:12px;text-indent:-12px}
.d ul li::before{content:"– "}
dl.new,dl.old{display:grid;grid-template-columns:fit-content(40%) minmax(0,1fr);gap:1px 16px;margin-top:5px}
dl.new dt::before,dl.old dt::before{display:inline-block;width:1.4em;color:var(--c)}
dl.new dt::before{content:"+";color:var(--create)}
dl.old dt::before{content:"-";color:var(--delete)}
dl.new dt,dl.old dt{overflow-wrap:anywhere}
.diff{margin-top:6px;table-layout:fixed;max-width:900px;border:1px solid var(--rule)}
.diff th,.diff td{padding:3px 10px;overflow-wrap:anywhere}
.diff thead th{font-family:${sans};background:var(--soft)}
.diff thead th:first-child{width:34%}
.diff td.old{background:var(--delete-box)}
.diff td.new{background:var(--create-box)}
.diff .same *{color:var(--mute)}
`

const narrow = `
@media (max-width:760px){
html{scroll-padding-top:1rem}
#filter:not([data-active=true]) [value=clear]{display:none}
#filter::after{left:14px;right:14px}
#filter select{max-width:11em}
.top,#filter,main,.foot{padding-left:14px;padding-right:14px}
.find{max-width:none;flex-basis:100%}
.wave summary{grid-template-columns:11px 2em minmax(0,1fr) auto;gap:0 8px}
.wave summary .s{grid-column:3/5;grid-row:2}
.wave summary .w{display:none}
.wide table{min-width:620px}
#filter{position:relative}
.d{padding-left:23px}
dl.new,dl.old{display:block}
dl.new dd,dl.old dd{padding-left:1.4em;color:var(--mute)}
.alert li>b{flex-basis:100%}
}
`

const print = `
@media print{
:root:root:root{${light}}
html{font-size:11px}
#filter,#theme,.copy,.skip{display:none!important}
.top,main,.foot{max-width:none;padding-left:0;padding-right:0}
.picture{max-height:none;overflow:visible;border:0}
.picture svg{max-width:100%;height:auto}
.wave>ol>li{content-visibility:visible;break-inside:avoid}
details::details-content{content-visibility:visible;display:block}
h2,h3,h4{break-after:avoid}
}
`

/** All rules of the page. The reader's system decides between light and dark until the reader does. */
export const htmlStyle = [
  `:root{${light}}`,
  `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}`,
  `:root[data-theme=dark]{${dark}}`,
  base,
  frame,
  colours,
  filter,
  alerts,
  sections,
  steps,
  svgRules,
  narrow,
  print
].join('\n')
