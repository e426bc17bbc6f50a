/**
 * The only two scripts of a page, as text. They are named by hash in its policy, so every change changes the hashes below;
 * scripts.test.ts prints the right ones.
 */

/**
 * Stands in the page. Frames say how tall they are: only a number from a frame of ours counts, within limits, and not more often
 * than a hundred times a frame. Frames left for later are filled when they come near, and all of them before printing.
 */
export const KEEPER = `(()=>{
const frames=[...document.querySelectorAll("iframe.active")],told=new Map()
addEventListener("message",(event)=>{
  const frame=frames.find((one)=>one.contentWindow===event.source),tall=event.data&&event.data.stetHeight
  const count=told.get(frame)||0
  if(!frame||typeof tall!=="number"||!(tall>=0)||count>=100)return
  told.set(frame,count+1)
  frame.style.height=Math.min(Math.max(Math.ceil(tall),24),1200)+"px"
})
const fill=(frame)=>{
  const source=frame.getAttribute("data-later")
  if(source===null)return
  frame.removeAttribute("data-later")
  frame.srcdoc=source
}
const near=new IntersectionObserver((entries)=>{
  for(const entry of entries)if(entry.isIntersecting){near.unobserve(entry.target);fill(entry.target)}
},{rootMargin:"1500px"})
for(const frame of frames)if(frame.hasAttribute("data-later"))near.observe(frame)
addEventListener("beforeprint",()=>frames.forEach(fill))
})()`

/**
 * Stands first in every frame, before there is a body, and ends at once anywhere else. Takes away what could reach the network past the policy, then
 * runs the scripts of the output in their order as classic scripts. (A string given to setTimeout is one: its \`const\` and
 * \`let\` are seen by the scripts after it, which those of \`eval\` are not.) Handlers written as attributes become listeners.
 */
export const BOOT = `(()=>{
if(location.href.split("#")[0]!=="about:srcdoc"||parent===self||origin!=="null"||document.body)return
document.currentScript.remove()
for(const name of ["RTCPeerConnection","webkitRTCPeerConnection","RTCIceGatherer","WebTransport"])Object.defineProperty(self,name,{value:undefined})
addEventListener("click",(event)=>{const link=event.composedPath().find((at)=>at.localName==="a");if(link&&!(link.getAttribute("href")||"#").startsWith("#"))event.preventDefault()},true)
const say=parent.postMessage.bind(parent),later=setTimeout,waiting=[],seen=new WeakSet(),past=new Set()
let running=null
Object.defineProperty(document,"currentScript",{get:()=>running})
document.write=document.writeln=(...text)=>(running?running.insertAdjacentHTML("beforebegin",text.join("")):document.body.insertAdjacentHTML("beforeend",text.join("")))
document.open=document.close=()=>document
const listen=EventTarget.prototype.addEventListener
for(const target of [document,self])target.addEventListener=function(type,listener,options){
  if(past.has(type)&&listener&&(type==="load"&&target===self||type==="DOMContentLoaded"))later(()=>(listener.handleEvent||listener).call(target,new Event(type)))
  else listen.call(target,type,listener,options)
}
const isOpen=(node)=>{
  if(document.readyState!=="loading")return false
  for(let at=node;at;at=at.parentNode)if(at.nextSibling)return false
  return true
}
const run=(script)=>{
  const type=script.type.trim().toLowerCase()
  if(script.hasAttribute("src")||!/^($|module$|(text|application)\\/(x-)?(java|ecma)script$)/.test(type))return
  later(()=>{running=script})
  later(type==="module"?"(async()=>{'use strict';"+script.text+"\\n})()":script.text)
  later(()=>{running=null;tell()})
}
const drain=()=>{while(waiting.length&&!isOpen(waiting[0]))run(waiting.shift())}
const handlers=(element)=>{
  for(const {name,value} of [...element.attributes])if(name.startsWith("on")){
    element.removeAttribute(name)
    let call
    try{call=new Function("event",value)}catch{continue}
    const target=element===document.body&&/^on(load|resize|hashchange|message)$/.test(name)?self:element
    target.addEventListener(name.slice(2),function(event){if(call.call(this,event)===false)event.preventDefault()})
  }
}
const meet=(node)=>{
  if(node.nodeType!==1||seen.has(node))return
  seen.add(node)
  if(node.localName==="script")waiting.push(node)
  handlers(node)
  for(const child of node.children)meet(child)
}
new MutationObserver((changes)=>{
  for(const change of changes)for(const node of change.addedNodes)meet(node)
  drain()
}).observe(document,{childList:true,subtree:true})
let last=-1
const tell=()=>{
  const body=document.body,tall=body?Math.max(body.getBoundingClientRect().height,body.scrollHeight):0
  if(tall!==last)say({stetHeight:last=tall},"*")
}
listen.call(document,"DOMContentLoaded",()=>{
  drain()
  past.add("DOMContentLoaded")
  new ResizeObserver(tell).observe(document.body)
  tell()
})
listen.call(self,"load",()=>{
  tell()
  past.add("load")
  const early=self.onload
  later(()=>{if(self.onload&&self.onload!==early)self.onload(new Event("load"))},50)
})
})()`

export const KEEPER_HASH = "SMD/Pc77GYJjIQfw9th6gzq5JtBDZ4c5W6gATuXKsHw="
export const BOOT_HASH = "ZGUSjq1JDcFIVMZQYGH0bAaBa/fWSs9EsaISRsWNvjc="
