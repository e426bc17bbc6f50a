/**
 * The only two scripts of a page, as text. They are named by hash in its policy, so every change changes the hashes below;
 * scripts.test.ts prints the right ones.
 */

/**
 * Stands in the page. Frames say how tall they are: only a number from a frame of ours counts, within limits, and not more often
 * than a hundred times a frame. Frames left for later are filled when they come near, and all of them before printing. The frame that
 * several outputs have in common lies over all of their places, and is cut to them.
 */
export const KEEPER = `(()=>{
const frames=[...document.querySelectorAll("iframe.active")],told=new Map()
const over=document.querySelector("iframe.together"),places=[...document.querySelectorAll("div.together")]
addEventListener("message",(event)=>{
  const frame=frames.find((one)=>one.contentWindow===event.source),tall=event.data&&event.data.stetHeight
  const place=frame===over&&frame?places[event.data&&event.data.stetPlace]:frame
  const count=told.get(place)||0
  if(!place||typeof tall!=="number"||!(tall>=0)||count>=100)return
  told.set(place,count+1)
  place.style.height=place!==frame&&tall===0?"0":Math.min(Math.max(Math.ceil(tall)+(place===frame?0:16),24),1200)+"px"
})
// A frame may have been ready before this script was.
for(const frame of frames)if(frame.contentWindow)frame.contentWindow.postMessage({stetAsks:true},"*")
let last=""
const lay=()=>{
  const ground=over.parentElement.getBoundingClientRect()
  const boxes=places.map((place)=>{const box=place.getBoundingClientRect();return [box.left-ground.left,box.top-ground.top,box.width,box.height].map(Math.round)})
  const text=boxes.join()
  if(text===last)return
  last=text
  over.style.height=Math.round(ground.height)+"px"
  over.style.clipPath='path("'+(boxes.map(([x,y,wide,tall])=>wide>12&&tall>12?"M"+(x+6)+" "+y+"h"+(wide-12)+"a6 6 0 0 1 6 6v"+(tall-12)+"a6 6 0 0 1 -6 6h"+(12-wide)+"a6 6 0 0 1 -6 -6v"+(12-tall)+"a6 6 0 0 1 6 -6z":"").join("")||"M0 0h1v1h-1z")+'")'
  if(over.contentWindow)over.contentWindow.postMessage({stetPlaces:boxes},"*")
}
if(over){
  for(const place of places)place.style.height=place.getAttribute("data-height")+"px"
  const watch=new ResizeObserver(lay)
  for(const one of [over.parentElement,...places])watch.observe(one)
  over.addEventListener("load",()=>{last="";lay()})
  lay()
}
const fill=(frame)=>{
  const source=frame.getAttribute("data-later")
  if(source===null)return
  frame.removeAttribute("data-later")
  frame.srcdoc=source
}
const near=new IntersectionObserver((entries)=>{
  for(const entry of entries)if(entry.isIntersecting){near.unobserve(entry.target);fill(entry.target)}
},{rootMargin:"1500px"})
for(const frame of frames)if(frame!==over&&frame.hasAttribute("data-later"))near.observe(frame)
if(over){
  const soon=new IntersectionObserver((entries)=>{if(entries.some((entry)=>entry.isIntersecting)){soon.disconnect();fill(over)}},{rootMargin:"1500px"})
  for(const place of places)soon.observe(place)
}
addEventListener("beforeprint",()=>frames.forEach(fill))
})()`

/**
 * Stands first in every frame, before there is a body, and ends at once anywhere else. Takes away what could reach the network past the policy, then
 * runs the scripts of the output in their order as classic scripts. (A string given to setTimeout is one: its \`const\` and
 * \`let\` are seen by the scripts after it, which those of \`eval\` are not.) Handlers written as attributes become listeners.
 * Where several outputs share the frame, one is put into it after the other, each when the scripts of the one before have run;
 * what a script `define`s by name, those after it may `require`.
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
const defined=new Map(),modules=new Map()
const module=(name)=>{
  if(modules.has(name))return modules.get(name)
  const made=defined.get(name)
  if(!made)throw new Error("no output before this one brings "+name)
  const own={exports:{}},has={require:self.require,exports:own.exports,module:own}
  const value=typeof made.factory==="function"?made.factory(...made.needs.map((need)=>need in has?has[need]:module(need))):made.factory
  modules.set(name,value===undefined?own.exports:value)
  return modules.get(name)
}
const share=(sources)=>{
  self.define=(name,needs,factory)=>{
    if(typeof name!=="string")[name,needs,factory]=["",name,needs]
    if(!Array.isArray(needs))[needs,factory]=[["require","exports","module"],needs]
    defined.set(name,{needs,factory})
    modules.delete(name)
  }
  self.require=self.requirejs=(needs,done)=>{
    if(typeof needs==="string")return module(needs)
    const given=[].concat(needs).map(module)
    if(done)done(...given)
  }
  Object.assign(self.require,{config(){},undef(name){defined.delete(name);modules.delete(name)},defined:(name)=>modules.has(name),specified:(name)=>defined.has(name)})
  const style=document.head.appendChild(document.createElement("style"))
  style.textContent="body{padding:0}.stet-output{position:absolute;top:0;left:0;box-sizing:border-box;padding:0 8px;max-height:1184px;overflow:auto}"
  const outputs=sources.map(()=>{
    const output=document.createElement("div")
    output.className="stet-output"
    return output
  })
  const tall=new Map(),watch=new ResizeObserver(()=>outputs.forEach((output,at)=>{
    const height=output.offsetHeight
    if(tall.get(at)===height||output.style.visibility==="hidden")return
    tall.set(at,height)
    say({stetPlace:at,stetHeight:height},"*")
  }))
  listen.call(self,"message",(event)=>{
    if(event.source!==parent||!event.data||!Array.isArray(event.data.stetPlaces))return
    event.stopImmediatePropagation()
    event.data.stetPlaces.forEach(([x,y,width],at)=>outputs[at]&&(outputs[at].style.cssText=width?"transform:translate("+x+"px,"+(y+8)+"px);width:"+width+"px":"visibility:hidden"))
  },true)
  const put=(at)=>{
    if(at===sources.length)return
    document.body.append(outputs[at])
    outputs[at].innerHTML=sources[at]
    watch.observe(outputs[at])
    Promise.resolve().then(()=>later(()=>later(()=>put(at+1))))
  }
  put(0)
}
let last=-1
const tell=()=>{
  const body=document.body,tall=body?Math.max(body.getBoundingClientRect().height,body.scrollHeight):0
  if(tall!==last)say({stetHeight:last=tall},"*")
}
listen.call(self,"message",(event)=>{
  if(event.source!==parent||!event.data||event.data.stetAsks!==true)return
  event.stopImmediatePropagation()
  last=-1
  tell()
},true)
listen.call(document,"DOMContentLoaded",()=>{
  drain()
  past.add("DOMContentLoaded")
  const given=document.querySelector("script[data-stet-together]")
  if(given)return given.remove(),share(JSON.parse(given.text))
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

export const KEEPER_HASH = "L8GkIXUd41RRANy2xbruaflNykqMREwuKvcON+VIRT4="
export const BOOT_HASH = "dHViEoybaRRvb0o/foA3hKVuCFmwSAn8gkILq0qjYco="
